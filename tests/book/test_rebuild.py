"""What runs again and what does not: a book of two chapters, edited in one place at a time."""

import re
import shutil
from pathlib import Path

import pytest

import groundtruth

pytestmark = pytest.mark.book

PACKAGE = Path(groundtruth.__file__).parent
TIMINGS = ("seconds", "peak_rss_mb", "started", "executed")
"""What two equal builds may differ in."""
RAN_FOR = re.compile(r"the code ran for \d+\sseconds?")


def test_the_book_builds_from_nothing(warm):
    assert warm.first.status == 0, warm.first.output
    assert warm.first.executed() == ["alpha", "beta"]
    assert warm.first.output.count("Using cached notebook") == 2, "Sphinx has not found what had run before"
    assert "Executing notebook using" not in warm.first.output
    alpha = warm.first.chapter("alpha")
    assert [figure["name"] for figure in alpha["figures"]] == ["line", "diagram"]
    assert alpha["figures"][0]["alt"] == "A line that ends at 42."
    assert [(one["name"], one["verdict"]) for one in alpha["claims"]] == [
        ("large", "holds"), ("sides", "not distinguishable"),
    ]  # fmt: skip
    assert alpha["seconds"] > 0
    assert alpha["peak_rss_mb"] > 0
    assert {one["slug"] for one in warm.first.report["notebooks"]} == {"alpha", "beta"}


def test_an_unchanged_book_runs_nothing_by_the_command(book):
    first = book.command()
    assert (first.status, first.executed()) == (0, []), first.output
    page = (book.out / "html" / "alpha.html").stat().st_mtime_ns
    again = book.command()
    assert (again.status, again.executed()) == (0, []), again.output
    assert (book.out / "html" / "alpha.html").stat().st_mtime_ns == page, (
        "an unchanged page was written again"
    )
    assert "0 ran, 2 from the cache" in again.output
    assert again.chapter("alpha")["seconds"] == first.chapter("alpha")["seconds"], (
        "what the run cost was lost"
    )


def test_words_run_nothing(book):
    assert book.build().executed() == []
    edits = {
        "prose": ("and that is large", "and that is very large", "very large"),
        "caption": ("The line ends at {rec}`answer`,", "The line rises to {rec}`answer`,", "The line rises to"),
        "alt text": (":alt: A line that ends", ":alt: A straight line that ends",
         'alt="A straight line that ends at 42."'),
        "stage": ("1. Slope one.", "1. A slope of one.", "A slope of one."),
    }  # fmt: skip
    for old, new, _ in edits.values():
        book.swap("book/alpha.md", old, new)
    built = book.build()
    assert (built.status, built.executed()) == (0, []), built.output
    for where, (_, _, shown) in edits.items():
        assert shown in book.page("alpha"), where
    assert built.chapter("alpha")["figures"][0]["alt"] == "A straight line that ends at 42."


def test_a_changed_number_reaches_every_place_that_shows_it(book):
    assert book.build().status == 0
    book.swap("book/alpha.md", "answer = 42", "answer = 43")
    built = book.build()
    assert (built.status, built.executed()) == (0, ["alpha"]), built.output
    assert built.text("alpha", "answer") == "43"
    assert 'alt="A line that ends at 43."' in book.page("alpha")
    assert built.chapter("alpha")["figures"][0]["alt"] == "A line that ends at 43."
    for page in ("beta", "index"):  # they show it and were not edited
        assert ">43<" in book.page(page), f"{page} shows the old value"
    for folder in ("html/notebooks", "instructors"):
        notebook = (book.out / folder / "beta.ipynb").read_text(encoding="utf-8")
        assert "alpha found 43" in notebook, f"{folder} shows the old value"
    book.swap("book/alpha.md", "answer = 43", "answer = 42")
    reverted = book.build()
    assert (reverted.status, reverted.executed()) == (0, []), reverted.output
    assert ">42<" in book.page("beta")


def test_a_changed_diagram_is_drawn_and_runs_nothing(book):
    assert book.build().status == 0
    drawing = book.out / "html" / "_images" / "alpha-diagram-2.light.svg"
    before = drawing.read_bytes()
    book.swap("figures/alpha_diagram.py", "slope in (1, 2)", "slope in (1, 1.5)")
    built = book.build()
    assert (built.status, built.executed()) == (0, []), built.output
    assert drawing.read_bytes() != before


def test_a_changed_module_runs_the_chapters_above_it_and_no_other(book, tmp_path):
    """In a copy of the package, whose data are links."""
    package = tmp_path / "path" / "groundtruth"
    shutil.copytree(PACKAGE, package, ignore=shutil.ignore_patterns("*.gz", "__pycache__"))
    for data in (PACKAGE / "data" / "files").glob("*.gz"):
        (package / "data" / "files" / data.name).symlink_to(data)
    (package / "above.py").write_text(
        "from groundtruth.below import low\n\n\ndef high():\n    return low() + 1\n"
    )
    (package / "below.py").write_text("def low():\n    return 41\n")
    (package / "beside.py").write_text("x = 1\n")
    book.swap("book/alpha.md", "answer = 42", "from groundtruth.above import high\n\nanswer = high()")

    def build():
        built = book.command(PYTHONPATH=str(package.parent))
        assert built.status == 0, built.output
        return built.executed(), built.text("alpha", "answer")

    assert build() == (["alpha"], "42")
    (package / "below.py").write_text("def low():\n    return 42\n")
    (package / "beside.py").write_text("x = 2\n")
    assert build() == (["alpha"], "43")
    (package / "below.py").write_text("def low():\n    return 41\n")
    assert build() == ([], "42")


def test_a_figure_from_a_known_source_is_shown(book):
    book.swap(
        "book/alpha.md",
        'given("guess", 10, "d")',
        'given("guess", 10, "d", source="rosenblatt1958perceptron")',
    )
    built = book.build()
    assert (built.status, built.executed()) == (0, ["alpha"]), built.output
    assert built.text("alpha", "guess") == "10"


def test_another_profile_runs_everything_and_coming_back_runs_nothing(book):
    book.swap("book/alpha.md", "at_least=30.0, trained=False", "at_least=30.0")
    assert book.build(GROUNDTRUTH_PROFILE="quick").executed() == ["alpha", "beta"]
    quick = book.build(GROUNDTRUTH_PROFILE="quick")
    assert (quick.status, quick.executed()) == (0, []), quick.output
    large, sides = quick.chapter("alpha")["claims"]
    assert (large["verdict"], large["holds"], sides["verdict"]) == (
        "not evaluated",
        None,
        "not distinguishable",
    )
    assert "not evaluated in this profile" in book.page("alpha")
    assert book.build().executed() == ["alpha"]  # its cells were edited; beta comes from the cache of before


def facts(book, built) -> dict:
    """Everything that two builds must agree in."""
    report = {key: value for key, value in built.report.items() if key not in (*TIMINGS, "notebooks")}
    report["chapters"] = [
        {key: value for key, value in one.items() if key not in TIMINGS} for one in report["chapters"]
    ]
    made = {
        f"{path.parent.name}/{path.name}": path.read_bytes() for path in (book.out / "html/_images").iterdir()
    }
    for folder in ("html/notebooks", "instructors"):
        for path in (book.out / folder).glob("*.ipynb"):
            made[f"{folder}/{path.name}"] = RAN_FOR.sub("", path.read_text(encoding="utf-8"))
    return {"report": report, **made}


def test_two_cold_builds_in_different_folders_agree(warm, new_book):
    other = new_book("another-folder")
    shutil.rmtree(other.out)
    # Nothing depends on the order of a set, on the place or on the language either.
    built = other.command(PYTHONHASHSEED="7", TZ="Pacific/Kiritimati", LC_ALL="C.UTF-8")
    assert built.executed() == ["alpha", "beta"], built.output
    one, two = facts(warm, warm.first), facts(other, built)
    assert sum(name.endswith(".svg") for name in one) == 6
    assert sum(name.endswith(".ipynb") for name in one) == 4
    assert [name for name in one.keys() | two.keys() if one.get(name) != two.get(name)] == []
