"""The chapter's table says what the diagram is drawn from, and every source is in the bibliography."""

import re
from pathlib import Path

import pytest

from groundtruth.frameworks.family import ADDRESSES, FAMILY

ROOT = Path(__file__).parents[2]
ROWS = {
    name[1]: [cell.strip() for cell in cells]
    for line in (ROOT / "book" / "frameworks.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("|")
    and len(cells := line.strip("|").split("|")) == 6
    and (name := re.match(r" \[(.+?)\]", cells[0]))
}
WORDS = {"developed": "developed", "ended": "ended", "quiet": "quiet"}


@pytest.mark.parametrize("member", FAMILY, ids=lambda member: member.name)
def test_the_table_has_the_members_facts(member):
    name, since, language, licence, status, source = ROWS[member.name]
    assert name == f"[{member.name}]({ADDRESSES[member.name]})"
    assert (since, language, licence) == (str(member.year), member.language, member.licence)
    assert status.startswith(WORDS[member.status])
    assert member.source in source + status
    keys = re.findall(r"^@\w+\{(\w+),", (ROOT / "book" / "references.bib").read_text(encoding="utf-8"), re.M)
    assert member.source in keys


def test_what_is_no_longer_developed_says_where_that_was_read():
    for member in FAMILY:
        status = ROWS[member.name][4]
        assert member.status == "developed" or "{cite:p}" in status, member.name


def test_parents_come_before_their_children():
    names = [member.name for member in FAMILY]
    assert len(set(names)) == len(names)
    for member in FAMILY:
        assert all(names.index(parent) < names.index(member.name) for parent in member.parents)
    assert [member.year for member in FAMILY] == sorted(member.year for member in FAMILY)
