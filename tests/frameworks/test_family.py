"""The chapter's table says what the diagram is drawn from, and every source is in the bibliography."""

import re
from pathlib import Path

import pytest

from groundtruth.frameworks.family import FAMILY

ROOT = Path(__file__).parents[2]
ROWS = {
    cells[0].strip(): [cell.strip() for cell in cells]
    for line in (ROOT / "book" / "frameworks.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("|") and len(cells := line.strip("|").split("|")) == 6
}
WORDS = {"developed": "developed", "ended": "ended", "quiet": "quiet"}


@pytest.mark.parametrize("member", FAMILY, ids=lambda member: member.name)
def test_the_table_has_the_members_facts(member):
    _, since, language, licence, status, source = ROWS[member.name]
    assert (since, language, licence) == (str(member.year), member.language, member.licence)
    assert status.startswith(WORDS[member.status])
    assert member.source in source + status
    keys = re.findall(r"^@\w+\{(\w+),", (ROOT / "book" / "references.bib").read_text(encoding="utf-8"), re.M)
    assert member.source in keys


def test_parents_come_before_their_children():
    names = [member.name for member in FAMILY]
    assert len(set(names)) == len(names)
    for member in FAMILY:
        assert all(names.index(parent) < names.index(member.name) for parent in member.parents)
    assert [member.year for member in FAMILY] == sorted(member.year for member in FAMILY)
