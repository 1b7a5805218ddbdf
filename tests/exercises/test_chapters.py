"""Every chapter's exercises: stubs fail their checks, solutions pass, and names match the module.

The helpers at the top read the grammar of `book/appendix/authors.md`. A chapter counts as soon as
`groundtruth.exercises.<slug>` exists.
"""

import ast
import importlib
import pkgutil
import re
from pathlib import Path

import pytest
import torch

import groundtruth.exercises
from groundtruth.exercises.answers import Feedback

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
