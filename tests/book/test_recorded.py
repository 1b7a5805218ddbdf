"""A page with a recorded run, from no record to one: read again when the file comes, and executed no second time."""

import json

import pytest

from groundtruth.sphinxext import recorded

pytestmark = pytest.mark.book

PLACE = "\n```{recorded-run} cpu\n{claim}`large`\n{rec}`answer`\n```\n"


def test_a_recorded_run_comes_onto_the_page_and_goes(book):
    book.write("book/alpha.md", book.read("book/alpha.md") + PLACE)
    first = book.build()
    assert first.status == 0, first.output
    assert "No run of this chapter in the profile cpu has been recorded yet." in book.page("alpha")

    report, into = book.out / "html" / "build-report.json", book.folder / "book" / "_results"
    assert recorded.main(["alpha", "--report", str(report), "--into", str(into)]) == 0
    run = json.loads((into / "alpha.json").read_text(encoding="utf-8"))["runs"]["cpu"]
    assert {"hardware", "versions", "commit", "date", "seconds", "profile"} <= set(run)
    second = book.build()
    assert second.status == 0, second.output
    assert second.executed() == []
    page = " ".join(book.page("alpha").split())
    assert "No run of this chapter" not in page
    assert "recorded, profile cpu" in page
    assert "Recorded on" in page
    assert page.count("42, interval 40 to 44, 5 seeds with a spread of 1.58: holds") == 2
    notebook = (book.out / "html" / "notebooks" / "alpha.ipynb").read_text(encoding="utf-8")
    assert "recorded, profile cpu" in notebook

    (into / "alpha.json").unlink()
    third = book.build()
    assert third.status == 0, third.output
    assert "No run of this chapter in the profile cpu has been recorded yet." in book.page("alpha")
