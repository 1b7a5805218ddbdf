"""A page with a benchmark, from no result to one and back: read again when the file comes, and nothing runs for it."""

import json

import pytest

pytestmark = pytest.mark.book

PLACE = "\n```{benchmark} waves\n```\n"
FIGURE = (
    "\n```{benchmark-figure} waves\n:data: sea\n:alt: Accuracy against seconds.\nHigher is better.\n```\n"
)
NONE = "No result of this benchmark has been recorded yet."
RESULT = {
    "schema": 2, "benchmark": "waves", "quick": False, "commit": "c" * 40, "edited": False,
    "started": "2026-12-01T03:00:00+00:00", "seconds": 12.0, "arithmetic": "32-true", "threads": 2, "load": 0.05,
    "doubts": [], "machine": {"cpu": "A processor", "cores": 2, "device": "cpu", "torch": "2.13.0"},
    "rows": [{"data": "sea", "method": "by hand", "ours": True, "reached": {"88": {}, "90": {}},
              "marks": [[[1.0, 0.8], [2.0, 0.91]]]}],
    "tables": [{"title": "Seconds", "head": ["what", "s"], "rows": [["a wave", "1.25 (1.20 to 1.30)"]],
                "note": "Medians of 3 rounds."}],
    "goals": [{"statement": "a wave in 2 s", "value": 1.25, "found": "1.250 s", "at_most": 2, "reached": True}],
}  # fmt: skip


def test_a_result_comes_onto_the_page_and_goes(book):
    book.write("book/alpha.md", book.read("book/alpha.md") + PLACE + FIGURE)
    first = book.build()
    assert first.status == 0, first.output
    assert NONE in book.page("alpha")
    assert "fig-waves-sea" not in book.page("alpha")

    book.write("benchmarks/results/waves.json", json.dumps(RESULT))
    second = book.build()
    assert second.status == 0, second.output  # its numbers are not taken for typed ones
    assert second.executed() == []
    page = book.page("alpha")
    assert NONE not in page
    for words in (
        "1.25 (1.20 to 1.30)",
        "Medians of 3 rounds.",
        "✓ reached",
        "Measured on A processor, 2 cores",
    ):
        assert words in page
    assert (
        'alt="Accuracy against seconds. by hand: 80.0 % after the first of 2 epochs, 91.0 % after 2.0 s."'
        in page
    )
    assert "1.25 (1.20 to 1.30)" in (book.out / "html" / "notebooks" / "alpha.ipynb").read_text(
        encoding="utf-8"
    )

    (book.folder / "benchmarks" / "results" / "waves.json").unlink()
    third = book.build()
    assert third.status == 0, third.output
    assert NONE in book.page("alpha")
