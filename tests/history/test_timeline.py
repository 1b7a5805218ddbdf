"""One data file, and the page's table beside it; every entry cited, every miniature there."""

import importlib.util
import re
from pathlib import Path

import pytest

from groundtruth.history.milestone import MODULES
from groundtruth.history.timeline import Entry, TimelineError, load

BOOK = Path(__file__).parents[2] / "book"
ROW = re.compile(
    r"^\| (\d{4}) \| ([^|]+) \| ([^|]+) \| \{cite:p\}`(\w+)` \| (?:`(\w+)`|none) \|$", re.MULTILINE
)


def test_the_table_of_the_page_is_the_file():
    rows = [
        (int(year), people, idea, source, miniature)
        for year, people, idea, source, miniature in ROW.findall(
            (BOOK / "history.md").read_text(encoding="utf-8")
        )
    ]
    assert rows == [(e.year, e.people, e.idea, e.source, e.miniature) for e in load()]


def test_every_source_is_in_the_bibliography():
    keys = set(
        re.findall(r"^@\w+\{([^,]+),", (BOOK / "references.bib").read_text(encoding="utf-8"), re.MULTILINE)
    )
    assert {entry.source for entry in load()} <= keys


def test_every_miniature_is_a_module_and_every_module_an_entry():
    assert [entry.miniature for entry in load() if entry.miniature] == list(MODULES)
    for name in MODULES:
        assert importlib.util.find_spec(f"groundtruth.history.{name}")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"source": ""}, "empty"),
        ({"kind": "rumour"}, "unknown kind"),
        ({"miniature": "eniac"}, "no miniature"),
    ],
)
def test_entries_that_cannot_be_meant_are_refused(fields, said):
    with pytest.raises(TimelineError, match=said):
        Entry(**{"year": 1900, "people": "A", "idea": "b", "source": "c"} | fields)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[[entry]]\nyear = 1900\npeople = "A"\n', "1900"),
        (
            '[[entry]]\nyear = 1901\npeople = "A"\nidea = "b"\nsource = "c"\n'
            '[[entry]]\nyear = 1900\npeople = "A"\nidea = "b"\nsource = "c"\n',
            "order",
        ),
    ],
)
def test_files_that_cannot_be_meant_are_refused(tmp_path, text, said):
    (tmp_path / "t.toml").write_text(text)
    with pytest.raises(TimelineError, match=said):
        load(tmp_path / "t.toml")
