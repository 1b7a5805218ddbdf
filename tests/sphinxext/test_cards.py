"""Cards of data sets: sources become citations, and what is left over or unused is a fault."""

import pytest

from groundtruth.data import files
from groundtruth.sphinxext import cards


def test_sources_are_read_from_the_option():
    assert cards.sources_of("A et al. (2021) = a2021; B and\n C (2020)=b2020") == {
        "A et al. (2021)": "a2021",
        "B and C (2020)": "b2020",
    }


def test_a_named_source_becomes_a_citation():
    said = cards.cited("Wrong labels: A et al. (2021) found 15.", {"A et al. (2021)": "a2021"})
    assert said == "Wrong labels: {cite:t}`a2021` found 15."


def test_a_source_without_a_citation_is_a_fault():
    with pytest.raises(ValueError, match="without a citation"):
        cards.cited("Wrong labels: A et al. (2021) found 15.", {})


def test_a_year_alone_is_no_source():
    assert cards.cited("Withdrawn in 2020; copyright 2017 by somebody.", {})


def test_cards_of_a_page():
    assert list(cards.described("```{data-card} one\n:cite: x\n```\n\n```{data-card} two\n```\n")) == [
        "one",
        "two",
    ]


@pytest.mark.parametrize("name", files.manifest())
def test_size_is_that_of_the_files(name):
    size = float(cards.bytes_of(files.entry(name)).split()[0])
    assert size == pytest.approx(sum(file.size for file in files.entry(name).files) / 2**20, abs=0.06)
