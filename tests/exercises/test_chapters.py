"""Every chapter's exercises: stubs fail their checks, solutions pass, names match the module, answers are told apart.

The helpers at the top read the grammar of `book/appendix/authors.md`. A chapter counts as soon as
`groundtruth.exercises.<slug>` exists. Beside it stands `test_<slug>.py`, which holds `WRONG`: (exercise, wrong
answer, words of the sentence meant for it), and `RIGHT`: (exercise, right answer in another form); both are judged
here, and what is special to the chapter is tested there.
"""

import ast
import importlib
import importlib.util
import math
import pkgutil
import re
from pathlib import Path

import numpy as np
import pytest
import torch

import groundtruth.exercises
from groundtruth.exercises.answers import Feedback, UnknownExerciseError

BOOK = Path(__file__).parents[2] / "book"
SLUGS = sorted({m.name for m in pkgutil.iter_modules(groundtruth.exercises.__path__)} - {"answers"})

DIRECTIVE = re.compile(r"^```\{(exercise|stub|solution)\} (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"^~~~python\n(.*?)^~~~$", re.MULTILINE | re.DOTALL)


def chapter_text(slug):
    """Return the text of the chapter, empty where there is none: then its names are missed by name below."""
    chapter = BOOK / f"{slug.replace('_', '-')}.md"
    return chapter.read_text(encoding="utf-8") if chapter.exists() else ""


def directives(slug, kind):
    """Return {name: body} of all directives of one kind, in the order of the page."""
    found = [(name, body) for k, name, body in DIRECTIVE.findall(chapter_text(slug)) if k == kind]
    assert len(dict(found)) == len(found), f"{slug}: two {kind}s share a name"
    return dict(found)


def show(code):
    """Run code as a notebook cell would, in a namespace of its own, and return what its last line shows."""
    tree = ast.parse(code)
    last = tree.body.pop()
    assert isinstance(last, ast.Expr), "the last line of the code is not an expression, so it shows nothing"
    namespace = {"__name__": "__main__"}
    exec(compile(tree, "<cell>", "exec"), namespace)
    return eval(compile(ast.Expression(last.value), "<cell>", "eval"), namespace)


def named(kind):
    return [pytest.param(s, n, b, id=f"{s}/{n}") for s in SLUGS for n, b in directives(s, kind).items()]


@pytest.mark.parametrize("slug", SLUGS)
def test_names_of_the_page_are_those_of_the_module(slug):
    exercises = importlib.import_module(f"groundtruth.exercises.{slug}").EXERCISES
    for kind in ("exercise", "stub", "solution"):
        assert list(directives(slug, kind)) == list(exercises), kind


@pytest.mark.parametrize("slug", SLUGS)
def test_there_are_enough_and_enough_need_code(slug):
    exercises = importlib.import_module(f"groundtruth.exercises.{slug}").EXERCISES
    coded = sum(exercise.code for exercise in exercises.values())
    assert len(exercises) >= 6, f"{slug} has {len(exercises)} exercises; a chapter needs 6"
    assert coded >= 3, f"{slug} has {coded} exercises with code=True; a chapter needs 3"


@pytest.mark.parametrize(("slug", "name", "body"), named("exercise"))
def test_an_exercise_says_how_to_hand_it_in(slug, name, body):
    assert body.startswith(":title: ")
    assert f'check("{name}", ' in " ".join(body.split())


@pytest.mark.parametrize(("slug", "name", "body"), named("stub"))
def test_a_stub_runs_and_fails_its_check(slug, name, body):
    assert "..." in body
    feedback = show(body)
    assert isinstance(feedback, Feedback)
    assert not feedback.right
    assert re.search("unfinished|left to fill in|None|missing", feedback.message), feedback.message


@pytest.mark.parametrize(("slug", "name", "body"), named("solution"))
def test_a_solution_explains_itself_and_passes_its_check(slug, name, body):
    blocks = CODE.findall(body)
    assert len(blocks) == 1
    assert len(CODE.sub("", body).split()) > 15
    assert f'check("{name}", ' in blocks[0]
    torch.manual_seed(7)
    expected = torch.rand(1)
    torch.manual_seed(7)
    feedback = show(blocks[0])
    assert isinstance(feedback, Feedback)
    assert feedback.right, feedback
    assert torch.equal(torch.rand(1), expected), "the check or the solution moved the global generator"


# --- answers of all kinds --------------------------------------------------------------------------------


def handed_in(slug):
    """Return the module `test_<slug>.py` beside this file."""
    path = Path(__file__).parent / f"test_{slug}.py"
    assert path.exists(), (
        f"{path.name} is missing: it holds WRONG and RIGHT, the answers that the checks must tell apart"
    )
    spec = importlib.util.spec_from_file_location(f"handed_in_{slug}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def chapter(slug):
    return importlib.import_module(f"groundtruth.exercises.{slug}")


HANDED_IN = {slug: handed_in(slug) for slug in SLUGS}
WRONG = [(slug, *row) for slug in SLUGS for row in HANDED_IN[slug].WRONG]
RIGHT = [(slug, *row) for slug in SLUGS for row in HANDED_IN[slug].RIGHT]
NAMES = [(slug, name) for slug in SLUGS for name in chapter(slug).EXERCISES]


@pytest.mark.parametrize(("slug", "name", "answer", "said"), WRONG)
def test_a_wrong_answer_is_told_what_is_wrong(slug, name, answer, said):
    feedback = chapter(slug).check(name, answer)
    assert not feedback.right
    assert said in feedback.message


@pytest.mark.parametrize(("slug", "name"), NAMES)
def test_three_wrong_answers_at_least(slug, name):
    assert sum((slug, name) == wrong[:2] for wrong in WRONG) >= 3


@pytest.mark.parametrize(("slug", "name", "answer"), RIGHT)
def test_a_right_answer_is_right_in_other_forms(slug, name, answer):
    feedback = chapter(slug).check(name, answer)
    assert isinstance(feedback, Feedback)
    assert feedback.right, feedback


VALUES = [
    None,
    ...,
    "...",
    object(),
    math.nan,
    [],
    [[1], [1, 2]],
    True,
    {},
    np.ones((1000, 1000)),
    1j,
    lambda: 1,
]
PAIRS = (None, 1.0, [], [[]], [[1.0]], [[math.nan]], torch.ones(2, 2))
NASTY = [
    *VALUES,
    *((a, b) for a in VALUES[:7] for b in (None, 1.0, [1.0], "x")),
    *((value,) * n for value in (None, 1.0, []) for n in (2, 3, 4)),
    *(lambda *a, r=result: r for result in VALUES),
    *(lambda *a, r=result: (r, r) for result in PAIRS),
    *(lambda *a: 1 / 0, lambda *a: a[0].zero_(), lambda *a: a, lambda *a: math.inf),
]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("slug", "name"), NAMES)
def test_no_answer_raises(slug, name):
    answer = chapter(slug).EXERCISES[name].answer
    parts = [dict.fromkeys(getattr(answer, "parts", ()), value) for value in (None, "x", math.nan)]
    for nasty in [*NASTY, *parts]:
        feedback = chapter(slug).check(name, nasty)
        assert isinstance(feedback, Feedback)
        assert not feedback.right


@pytest.mark.parametrize("slug", SLUGS)
def test_an_unknown_name_lists_the_names(slug):
    with pytest.raises(UnknownExerciseError, match=next(iter(chapter(slug).EXERCISES))):
        chapter(slug).check("no such exercise", 1)
