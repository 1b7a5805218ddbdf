"""What can rot in the appendices: cards, rooms, paths, sources, and the messages that the setup page quotes."""

import ast
import re
from pathlib import Path

import pytest
import yaml
from docutils import nodes

from groundtruth.data import files
from groundtruth.sphinxext import api, cards, teaching

ROOT = Path(__file__).parents[2]
BOOK = ROOT / "book"


def text_of(name):
    return (BOOK / name).read_text(encoding="utf-8")


def test_every_data_set_of_the_manifest_has_a_card():
    assert list(cards.described(text_of("appendix/data-sets.md"))) == list(files.manifest())


def test_every_data_module_is_on_the_page_or_handles_files():
    page = text_of("appendix/data-sets.md")
    tools = {
        "batches",
        "files",
        "folder",
        "images",
        "modules",
        "photographs",
        "recorded",
        "imagenet",
        "three_photographs",
    }
    modules = {module.name.rsplit(".", 1)[-1] for module in api.modules_of("data")} - tools
    assert {name for name in modules if f"groundtruth.data.{name}" not in page} <= set(files.manifest())


def test_every_room_is_on_the_page_of_the_package():
    rooms = re.findall(r"^```\{api-room\} (\w+)", text_of("appendix/api.md"), re.MULTILINE)
    assert sorted(rooms) == api.rooms()
    assert len(set(rooms)) == len(rooms)


def test_every_public_function_and_class_says_what_it_is_for():
    bare = [
        f"{module.name}: no docstring"
        for room in api.rooms()
        for module in api.modules_of(room)
        if not module.doc
    ]
    assert bare == []


def raising(source):
    """Return the public functions that raise by themselves, and do not say so in their docstrings."""
    return [
        node.name
        for node in ast.parse(source).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and ast.get_docstring(node)
        if any(isinstance(one, ast.Raise) and one.exc for one in ast.walk(node))
        and not re.search(r"Raises:|[Ee]rrors are those of|[Rr]aises", ast.get_docstring(node))
    ]


@pytest.mark.parametrize("room", ["data", "models", "scratch", "training", "weights", "evidence"])
def test_what_a_function_raises_is_said(room):
    silent = {
        m.name: names for m in api.modules_of(room) if (names := raising(m.path.read_text(encoding="utf-8")))
    }
    assert silent == {}


def test_silence_is_found():
    code = 'def f(x):\n    """{}"""\n    raise ValueError(x)\n'
    assert raising(code.format("Do it.")) == ["f"]
    assert raising(code.format("Do it.\n\n    Raises:\n        ValueError: always.\n    ")) == []


# --- paths -------------------------------------------------------------------------------------------------

PATHS = re.findall(
    r"^```\{teaching-path\}\n(.*?)^```$", text_of("appendix/teaching.md"), re.MULTILINE | re.DOTALL
)
FIGURES = re.findall(
    r"^```\{key-figures\}\n(.*?)^```$", text_of("appendix/teaching.md"), re.MULTILINE | re.DOTALL
)


def anchors(slug):
    text = re.sub(r"^```.*?^```$", "", text_of(f"{slug}.md"), flags=re.MULTILINE | re.DOTALL)
    return {nodes.make_id(title) for title in re.findall(r"^#+ (.+)$", text, re.MULTILINE)}


def steps():
    return [step for path in PATHS for step in yaml.safe_load(path)]


def test_three_paths_and_their_lengths():
    lengths = [sum(step["minutes"] for step in yaml.safe_load(path)) for path in PATHS]
    assert lengths[:2] == [155, 180]
    assert 12 <= len(yaml.safe_load(PATHS[2])) <= 14


def test_a_path_leads_to_sections_that_are_there():
    for name in (name for step in steps() for name in step["read"]):
        slug, _, anchor = name.partition("#")
        assert not anchor or anchor in anchors(slug), name


def test_a_path_leads_to_exercises_that_are_there():
    for name in (name for step in steps() for name in step.get("exercises", ())):
        slug, _, exercise = name.partition("/")
        assert f"```{{exercise}} {exercise}\n" in text_of(f"{slug}.md"), name


def test_key_figures_are_there():
    names = [line for block in FIGURES for line in block.split()]
    assert names
    for name in names:
        slug, _, figure = name.partition("/")
        assert re.search(
            rf"^```\{{(run-figure|diagram|stepped-figure)\}} {figure}$", text_of(f"{slug}.md"), re.M
        ), name


def test_the_term_reads_every_numbered_chapter():
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    numbered = {e["file"] for part in toc["parts"] if part.get("numbered") for e in part["chapters"]}
    read = {name for step in yaml.safe_load(PATHS[2]) for name in step["read"]}
    assert numbered <= read


def test_a_step_has_every_field():
    assert all(teaching.FIELDS - {"exercises"} <= set(step) <= teaching.FIELDS for step in steps())


# --- sources -----------------------------------------------------------------------------------------------

ENTRIES = re.split(r"\n(?=@)", text_of("references.bib"))[1:]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.split("{", 1)[1].split(",")[0])
def test_a_source_has_an_address_or_says_that_we_know_its_record_alone(entry):
    assert re.search(r"\b(doi|url|eprint|howpublished)\s*=|record-only", entry)


# --- setup -------------------------------------------------------------------------------------------------

OURS = {
    "Python 3.11 or newer is needed": "Makefile",
    "No virtual environment could be made": "Makefile",
    "There is no book in": "Makefile",
    "needs a CUDA device": "src/groundtruth/profiles.py",
    "unknown profile": "src/groundtruth/profiles.py",
    "Not installed where this notebook runs": "src/groundtruth/sphinxext/first_cell.py",
    "pip could not install": "src/groundtruth/sphinxext/first_cell.py",
    "the file is missing": "src/groundtruth/data/files.py",
    "altered:": "src/groundtruth/data/files.py",
    "the pretrained weights": "src/groundtruth/weights.py",
    "is not run:": "src/groundtruth/frameworks/side_by_side.py",
}


@pytest.mark.parametrize("message", OURS)
def test_a_message_that_the_setup_page_quotes_is_said(message):
    assert message in text_of("setup.md")
    assert message in (ROOT / OURS[message]).read_text(encoding="utf-8")
