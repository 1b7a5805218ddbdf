"""Every number of the data file has a source, and follows from cores and clock where those are known."""

import re
from pathlib import Path

import pytest

from groundtruth.history.processors import Processor, ProcessorError, load

BOOK = Path(__file__).parents[2] / "book"


def test_every_source_is_in_the_bibliography():
    keys = re.findall(r"^@\w+\{([^,]+),", (BOOK / "references.bib").read_text(encoding="utf-8"), re.MULTILINE)
    assert {one.source for one in load()} <= set(keys)


def test_each_kind_has_one_processor_a_year():
    pairs = [(one.kind, one.year) for one in load()]
    assert len(set(pairs)) == len(pairs)


@pytest.mark.parametrize(
    ("name", "cores", "gigahertz", "operations"),
    [
        ("GeForce GTX 580", 512, 1.544, 2),  # a multiplication and an addition a cycle
        ("GeForce GTX 680", 1536, 1.006, 2),
        ("GeForce GTX Titan X", 3072, 1.0, 2),
        ("Xeon X5690", 6, 3.46, 8),  # four numbers wide, both in one cycle
        ("Xeon E5-2690", 8, 2.9, 16),  # eight numbers wide
    ],
)
def test_a_peak_is_cores_times_clock_times_operations(name, cores, gigahertz, operations):
    (one,) = [one for one in load() if one.name == name]
    assert one.gflops == pytest.approx(cores * gigahertz * operations, rel=0.005)


@pytest.mark.parametrize(
    ("fields", "said"),
    [({"source": ""}, "empty"), ({"kind": "abacus"}, "unknown kind"), ({"gflops": 0}, "more than 0")],
)
def test_entries_that_cannot_be_meant_are_refused(fields, said):
    with pytest.raises(ProcessorError, match=said):
        Processor(**{"year": 2000, "name": "A", "kind": "cpu", "gflops": 1.0, "source": "b"} | fields)


def test_years_out_of_order_and_missing_fields_are_refused(tmp_path):
    entry = '[[processor]]\nyear = {}\nname = "A"\nkind = "cpu"\ngflops = 1\n'
    (tmp_path / "p.toml").write_text(entry.format(2000))
    with pytest.raises(ProcessorError, match="source"):
        load(tmp_path / "p.toml")
    (tmp_path / "p.toml").write_text("".join(entry.format(y) + 'source = "b"\n' for y in (2001, 2000)))
    with pytest.raises(ProcessorError, match="order"):
        load(tmp_path / "p.toml")
