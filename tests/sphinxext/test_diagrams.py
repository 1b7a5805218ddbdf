"""Diagrams: drawn once, drawn anew when what they are made of changes, and named when they fail."""

import base64
from types import SimpleNamespace

import pytest

from groundtruth.sphinxext import diagrams, fingerprint
from groundtruth.sphinxext.diagrams import DiagramError, draw, script_of

SCRIPT = '''"""A diagram."""
from matplotlib.figure import Figure

def draw():
    (open({counter!r}, "a")).write("x")
    return {made}
'''


@pytest.fixture
def env(tmp_path):
    """The environment of a build whose pages lie in ``book``; ``uses`` is what it was told of dependencies."""
    (tmp_path / "figures").mkdir()
    uses = []
    return SimpleNamespace(
        srcdir=str(tmp_path / "book"), doctreedir=str(tmp_path / "_build/.doctrees"), uses=uses,
         note_dependency=uses.append,
        config=SimpleNamespace(groundtruth_figures="../figures"),
    )  # fmt: skip


@pytest.fixture
def script(env, tmp_path):
    path = script_of(env, "alpha", "line")
    counter = tmp_path / "count"

    def write(made="Figure((1, 1))", head=""):
        path.write_text(head + SCRIPT.format(counter=str(counter), made=made))
        return path

    write.drawn = lambda: len(counter.read_text()) if counter.exists() else 0
    return write


def test_the_script_is_named_for_page_and_figure(env, tmp_path):
    assert script_of(env, "multi-layer", "two-lines") == tmp_path / "figures" / "multi_layer_two_lines.py"


def test_one_figure_or_one_a_stage(env, script):
    (one,) = draw(env, script())
    assert one.svg.startswith("<svg")
    assert base64.b64decode(one.png).startswith(b"\x89PNG")
    two = draw(env, script("[Figure((1, 1)), Figure((2, 1))]"))
    assert len(two) == 2
    assert two[0].svg != two[1].svg


def test_an_unchanged_script_is_drawn_once(env, script):
    first = draw(env, script())
    assert draw(env, script()) == first
    assert script.drawn() == 1


def test_a_changed_script_is_drawn_anew_and_an_old_one_is_remembered(env, script):
    first = draw(env, script())
    assert draw(env, script("Figure((2, 1))")) != first
    assert script.drawn() == 2
    assert draw(env, script()) == first
    assert script.drawn() == 2


def test_a_changed_module_under_the_script_is_drawn_anew(env, script, tmp_path, monkeypatch):
    root = tmp_path / "groundtruth"
    root.mkdir()
    (root / "look.py").write_text("")
    monkeypatch.setattr(fingerprint, "ROOT", root)
    fingerprint._file_of.cache_clear()
    path = script(head="if False:\n    from groundtruth import look\n")
    draw(env, path)
    (root / "look.py").write_text("# changed\n")
    draw(env, path)
    fingerprint._file_of.cache_clear()
    assert script.drawn() == 2
    assert {str(path), str(root / "look.py")} <= set(env.uses)


def test_a_half_written_drawing_is_drawn_anew(env, script, tmp_path):
    first = draw(env, script())
    (kept,) = (tmp_path / "_build/.diagrams").iterdir()
    whole = kept.read_text()
    for broken in (whole[: len(whole) // 2], '[{"svg": "x"}]', ""):
        kept.write_text(broken)
        assert draw(env, script()) == first
        assert kept.read_text() == whole


def test_a_missing_script_is_named(env):
    with pytest.raises(DiagramError, match=r"there is no diagram alpha_line\.py in figures/"):
        draw(env, script_of(env, "alpha", "line"))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("def draw(:", "invalid syntax"),
        ("x = 1", "KeyError: 'draw'"),
        ("def draw(): return 1 / 0", "ZeroDivisionError"),
        ("def draw(): return 3", "TypeError"),
        ("def draw(): return ['no figure']", "AttributeError"),
        ("def draw(): return []", "no figure"),
        ("import sys\ndef draw(): sys.exit(3)", "SystemExit"),
    ],
)
def test_a_script_that_does_not_draw_is_named(env, text, says):
    path = script_of(env, "alpha", "line")
    path.write_text(text)
    with pytest.raises(DiagramError, match=rf"alpha_line\.py.*{says}"):
        draw(env, path)
    kept = diagrams.Path(env.doctreedir).parent / ".diagrams"
    assert not kept.exists() or not list(kept.iterdir())
