"""Faults planted in a book of two chapters: each must fail the build, say what and where, and fail it again.

``FAULTS`` is the whole list, to be read as a table: what is wrong, how it is planted, and what must be said of it.
"""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from groundtruth.data.files import PACKAGE_FOLDER

pytestmark = pytest.mark.book

ALPHA, BETA, CONFIG, TOC = "book/alpha.md", "book/beta.md", "_config.yml", "_toc.yml"
PICTURE = "figures/alpha_diagram.py"


@dataclass(frozen=True)
class Fault:
    """One way to spoil the fixture book, and what the build must say in one line."""

    name: str
    swap: tuple[tuple[str, str, str], ...] = ()
    """File, what stands there once, what is written instead."""
    add: tuple[str, str] | None = None
    """File, and text added at its end (a new file where there is none)."""
    at: str = ""
    """Planted text in whose line the fault lies; the message must name file and line."""
    says: tuple[str, ...] = ()
    """What the same line of the message must hold."""
    and_says: tuple[str, ...] = ()
    """What must stand anywhere else in the message."""
    environment: dict[str, str] = field(default_factory=dict)
    status: int = 1

    @property
    def file(self) -> str:
        """The file that holds the fault."""
        return self.add[0] if self.add else self.swap[0][0]


def result_of(name: str, **changed: object) -> dict[str, object]:
    """A result file of a benchmark, as its script would write it."""
    return {
        "schema": 2, "benchmark": name, "quick": False, "commit": "c" * 40, "edited": False,
        "started": "2026-12-01T03:00:00+00:00", "seconds": 1234.5, "arithmetic": "32-true", "threads": 2,
        "load": 0.05, "doubts": [], "machine": {"cpu": "A processor", "cores": 2, "device": "cpu", "torch": "2.13.0"},
        "rows": [], "tables": [{"title": "Seconds", "head": ["what", "s"], "rows": [["all", "1.25"]], "note": ""}],
        "goals": [],
        **changed,
    }  # fmt: skip


def cell(code: str) -> str:
    return f"\n```{{code-cell}} ipython3\n{code}\n```\n"


CELL = "```{code-cell}"
"""Where the last cell of a page opens: what a cell hands over is named by that line."""
FIRST_CELL = "```{code-cell} ipython3\nfrom groundtruth.evidence import claim, compare"

FAULTS = (
    # --- cells -----------------------------------------------------------------------------------
    Fault(
        "failing cell",
        add=(BETA, cell("1 / 0")),
        says=("beta.md", "Executing notebook failed"),
        and_says=("1 / 0", "ZeroDivisionError: division by zero"),
    ),
    Fault(
        "cell that writes to stderr",
        add=(BETA, cell("import sys\nprint('careful', file=sys.stderr)")),
        at="print('careful'",
        says=("stderr was found",),
    ),
    Fault(
        "cell that is no Python",
        add=(BETA, cell("for in range(3):")),
        says=("beta.md", "Executing notebook failed"),
        and_says=("for in range(3)", "SyntaxError"),
    ),
    # --- what Sphinx knows -----------------------------------------------------------------------
    Fault(
        "unknown directive",
        add=(BETA, "\n```{no-such-directive}\nx\n```\n"),
        at="{no-such-directive}",
        says=("Unknown directive", "no-such-directive"),
    ),
    Fault(
        "label given twice",
        add=(BETA, "\n(here)=\n## One\n\nText.\n\n(here)=\n## Two\n\nText.\n"),
        says=("beta.md", "here", "uplicate"),
    ),
    Fault(
        "reference to a page that is not there",
        add=(BETA, "\nSee {doc}`gamma`.\n"),
        at="See {doc}",
        says=("gamma",),
    ),
    Fault(
        "reference to an equation that is not there",
        add=(BETA, "\nSee {eq}`eq-nowhere`.\n"),
        at="See {eq}",
        says=("eq-nowhere",),
    ),
    Fault(
        "reference to a figure that is not there",
        add=(BETA, "\nSee {numref}`alpha/nowhere`.\n"),
        says=("beta.md", "alpha/nowhere"),
    ),
    Fault(
        "link to nowhere",
        add=(BETA, "\nSee [this](#nowhere).\n"),
        at="See [this]",
        says=("nowhere",),
    ),
    Fault(
        "word that the glossary lacks",
        add=(BETA, "\nA {term}`neuron`.\n"),
        at="A {term}",
        says=("neuron",),
    ),
    Fault(
        "missing citation",
        add=(BETA, "\nSee {cite:t}`nobody1900`.\n"),
        at="See {cite:t}",
        says=("nobody1900",),
    ),
    Fault(
        "page missing from the table of contents",
        swap=((TOC, "file: beta", "file: gamma"),),
        says=("gamma",),
    ),
    # --- evidence --------------------------------------------------------------------------------
    Fault(
        "false claim",
        swap=((ALPHA, "at_least=30.0", "at_least=50.0"),),
        at=FIRST_CELL,
        says=("'alpha/large' is false", "The answer is large.", "at or above 50", "95 % interval 40 to 44",
              "Values: value: 40, 42, 44, 41, 43"),
    ),
    Fault(
        "claim with too few seeds for its effect",
        swap=(
            (ALPHA, "[40.0, 42.0, 44.0, 41.0, 43.0], seeds=range(5), at_least=30.0",
             "[40.0, 42.0, 44.0], seeds=range(3), at_least=35.0"),
        ),
        at=FIRST_CELL,
        says=("'alpha/large' is false", "run at least 5"),
    ),
    Fault(
        "claim false in one case",
        swap=((BETA, '[1, 2], "<=", [2, 2]', '[1, 3], "<=", [2, 2]'),),
        at=CELL,
        says=("'beta/order' is false", "first second: 3 against 2"),
    ),
    Fault(
        "two claims of one name",
        add=(ALPHA, cell('claim("large", "It is.", [1, 1, 1, 1, 2], seeds=range(5), at_least=0.1, trained=False)')),
        at=CELL,
        says=("'alpha/large'", "twice"),
    ),
    Fault(
        "two records of one name",
        add=(BETA, cell('record("count", 4, "d")')),
        at=CELL,
        says=("'beta/count'", "twice"),
    ),
    Fault(
        "two figures of one name",
        add=(ALPHA, cell('figure("line", panel)')),
        at=CELL,
        says=("'alpha/line'", "twice"),
    ),
    Fault(
        "record never shown",
        add=(BETA, cell('record("spare", 4, "d")')),
        at=CELL,
        says=("record 'beta/spare' is never shown",),
    ),
    Fault(
        "claim never shown",
        add=(BETA, cell('claim_every("spare", "True.", [1], "<", 2)')),
        at=CELL,
        says=("claim 'beta/spare' is never shown",),
    ),
    Fault(
        "verdict never shown",
        add=(ALPHA, cell(
            'compare("spare", [1] * 5, 2, seeds=range(5), labels=("a", "b"), measure="size", trained=False)')),
        at=CELL,
        says=("verdict 'alpha/spare' is never shown",),
    ),
    Fault(
        "name that no cell handed over",
        add=(BETA, "\nHere {rec}`nothing`.\n"),
        at="Here {rec}",
        says=("page 'beta' has no evidence named 'nothing'", "count, order"),
    ),
    Fault(
        "name from a page that is not there",
        add=(BETA, "\nHere {rec}`gamma/count`.\n"),
        at="Here {rec}",
        says=("there is no page 'gamma'",),
    ),
    Fault(
        "claim shown as a record",
        add=(BETA, "\nHere {rec}`order`.\n"),
        at="Here {rec}",
        says=("'beta/order' is a claim",),
    ),
    Fault(
        "name that is no name",
        add=(BETA, "\nHere {rec}`No Name`.\n"),
        at="Here {rec}",
        says=("'No Name' is no name",),
    ),
    Fault(
        "name that is not there, in an alt text",
        swap=((ALPHA, ":alt: A line that ends at {rec}`answer`.", ":alt: A line that ends at {rec}`end`."),),
        at="```{run-figure} line",
        says=("no evidence named 'end'",),
    ),
    Fault(
        "figure from an unknown source",
        add=(BETA, cell("from groundtruth.evidence import given\n\ngiven('old', 3, 'd', source='nobody1900')")
             + "\nThey found {given}`old`.\n"),
        at=CELL,
        says=("given 'beta/old'", "unknown source 'nobody1900'"),
    ),
    # --- numbers ---------------------------------------------------------------------------------
    Fault(
        "typed percentage",
        add=(BETA, "\nIt reaches 91.0 % of them.\n"),
        at="It reaches",
        says=("typed number '91.0 %'",),
    ),
    Fault(
        "typed number in an alt text",
        swap=((ALPHA, "A line that ends at {rec}`answer`.", "A line that ends at 42.0."),),
        at="```{run-figure} line",
        says=("typed number '42.0' in an alt text",),
    ),
    Fault(
        "typed number in a caption",
        swap=((ALPHA, "The line ends at {rec}`answer`,", "The line ends at 42.0,"),),
        says=("alpha.md:", "typed number '42.0'"),
    ),
    # --- figures ---------------------------------------------------------------------------------
    Fault(
        "figure without alt text",
        swap=((ALPHA, ":alt: A line that ends at {rec}`answer`.\n", ""),),
        at="```{run-figure} line",
        says=("figure 'alpha/line' has no alt text",),
    ),
    Fault(
        "picture without alt text",
        swap=((BETA, "# Beta\n", "# Beta\n\n![](dot.png)\n"),),
        at="![](dot.png)",
        says=("image without alt text",),
    ),
    Fault(
        "cell's picture without a name",
        add=(ALPHA, cell("import matplotlib.pyplot as plt\n\nlines = plt.plot([0, 1])")),
        says=("alpha.md:", "image without alt text", "figure()"),
    ),
    Fault(
        "figure drawn and never placed",
        add=(ALPHA, cell('figure("spare", panel)')),
        at=CELL,
        says=("figure 'alpha/spare' is drawn and never placed",),
    ),
    Fault(
        "figure placed and never drawn",
        add=(ALPHA, "\n```{run-figure} curve\n:alt: A curve.\nIt falls.\n```\n"),
        at="{run-figure} curve",
        says=("no cell of 'alpha' draws figure 'curve'", "line"),
    ),
    Fault(
        "live figure placed as a still one",
        add=(
            BETA,
            cell("from groundtruth.live import live\nfrom groundtruth.plotting.style import new_figure\n\n"
                 "live('walk', 'descent', new_figure()[0], {})")
            + "\n```{run-figure} walk\n:alt: A walk.\nIt falls.\n```\n",
        ),
        at=CELL,
        says=("live figure 'beta/walk' is not placed by {live-figure}",),
    ),
    Fault(
        "still figure placed as a live one",
        swap=((ALPHA, "```{run-figure} line\n", "```{live-figure} line\n:start: Bend it\n"),),
        at="{live-figure} line",
        says=("figure 'alpha/line' is placed as a live one", "call live()"),
    ),
    Fault(
        "live figure without an invitation",
        swap=((ALPHA, "```{run-figure} line\n", "```{live-figure} line\n"),),
        at="{live-figure} line",
        says=("live figure 'line' has no :start: option",),
    ),
    Fault(
        "stage without a sentence",
        swap=((ALPHA, "2. Slope two, compared with {numref}`alpha/line`.\n", ""),),
        at="{stepped-figure} diagram",
        says=("figure 'alpha/diagram' has 2 stages, 1 are described",),
    ),
    Fault(
        "diagram without a script",
        add=(BETA, "\n```{diagram} neuron\n:alt: A neuron.\nA neuron.\n```\n"),
        at="{diagram} neuron",
        says=("no diagram beta_neuron.py",),
    ),
    Fault(
        "diagram that does not draw",
        swap=((PICTURE, "stages = []", "stages = [] / 0"),),
        says=("alpha.md:", "alpha_diagram.py", "TypeError"),
    ),
    # --- structure -------------------------------------------------------------------------------
    Fault(
        "two chapters with one slug",
        swap=((TOC, "- file: beta", "- file: beta\n      - file: more/beta"),),
        add=("book/more/beta.md", "# Another beta\n\nText.\n"),
        says=("beta.md", "more/beta", "share the slug 'beta'"),
    ),
    Fault(
        "stub without an exercise",
        add=(BETA, "\n```{stub} add\ntotal = ...\n```\n"),
        at="{stub} add",
        says=("stub 'add' does not follow an exercise",),
    ),
    Fault(
        "solution without an exercise",
        add=(BETA, "\n```{solution} add\nTwo.\n```\n"),
        at="{solution} add",
        says=("solution 'add' does not follow an exercise",),
    ),
    Fault(
        "head that takes no fingerprint",
        swap=((BETA, "kernelspec: {name: python3, display_name: Python 3}",
               "kernelspec:\n  name: python3\n  display_name: Python 3"),),
        says=("beta.md", "on one line"),
    ),
    # --- appendices ------------------------------------------------------------------------------
    Fault(
        "card of a data set that is not there",
        add=(BETA, "\n```{data-card} emnist\n```\n"),
        at="```{data-card}",
        says=("unknown data set 'emnist'",),
    ),
    Fault(
        "source of a card without a citation",
        add=(BETA, "\n```{data-card} mnist\n```\n"),
        at="```{data-card}",
        says=("data card 'mnist'", "a source without a citation"),
    ),
    Fault(
        "room that is not there",
        add=(BETA, "\n```{api-room} attic\n```\n"),
        at="```{api-room}",
        says=("there is no room 'attic'",),
    ),
    Fault(
        "path to a section that is not there",
        add=(
            BETA,
            "\n```{teaching-path}\n- {title: First, minutes: 5, read: ['alpha#nowhere'], able: nothing}\n```\n",
        ),
        at="```{teaching-path}",
        says=("page 'alpha' has no section 'nowhere'",),
    ),
    Fault(
        "key figure that is not there",
        add=(BETA, "\n```{key-figures}\nalpha/nothing\n```\n"),
        at="```{key-figures}",
        says=("page 'alpha' has no figure 'nothing'",),
    ),
    # --- recorded runs ---------------------------------------------------------------------------
    Fault(
        "recorded run that shows nothing",
        add=(ALPHA, "\n```{recorded-run} gpu\nThe answer.\n```\n"),
        at="```{recorded-run}",
        says=("one role a line",),
    ),
    Fault(
        "recorded run of an unknown profile",
        add=(ALPHA, "\n```{recorded-run} tpu\n{claim}`large`\n```\n"),
        at="```{recorded-run}",
        says=("unknown profile 'tpu'", "quick, cpu, gpu"),
    ),
    Fault(
        "file of recorded runs that is none",
        swap=((ALPHA, "```{myth} The", "```{recorded-run} gpu\n{claim}`large`\n```\n\n```{myth} The"),),
        add=("book/_results/alpha.json", "{}"),
        says=("alpha.md", "_results/alpha.json is no file of recorded runs"),
    ),
    # --- benchmarks ------------------------------------------------------------------------------
    Fault(
        "benchmark that is not there",
        add=(BETA, "\n```{benchmark} tides\n```\n"),
        at="```{benchmark}",
        says=("there is no benchmark 'tides'; there is: waves",),
    ),
    Fault(
        "file that is no result of a benchmark",
        swap=((ALPHA, "```{myth} The", "```{benchmark} waves\n```\n\n```{myth} The"),),
        add=("benchmarks/results/waves.json", '{"schema": 2'),
        says=("alpha.md", "benchmarks/results/waves.json is no result", "run 'python benchmarks/waves.py'"),
    ),
    Fault(
        "result of a smoke run",
        swap=((ALPHA, "```{myth} The", "```{benchmark} waves\n```\n\n```{myth} The"),),
        add=("benchmarks/results/waves.json", json.dumps(result_of("waves", quick=True))),
        says=("alpha.md", "benchmarks/results/waves.json is of a smoke run"),
    ),
    # --- what a build starts from ----------------------------------------------------------------
    Fault(
        "unknown profile",
        environment={"GROUNDTRUTH_PROFILE": "fast"},
        says=("unknown profile 'fast'", "quick, cpu, gpu"),
        status=2,
    ),
    Fault(
        "altered data file",
        environment={"GROUNDTRUTH_DATA": "{folder}/data"},
        says=("{file}", "not readable as gzip"),
        status=2,
    ),
)  # fmt: skip


@dataclass
class Outcome:
    """Three builds: with the fault, with the fault again, and mended."""

    first: object
    again: object
    mended: object
    place: str
    words: tuple[str, ...]


def line_of(text: str, planted: str) -> int:
    """Number of the line in which the last of the planted text stands."""
    assert planted in text, f"{planted!r} is not planted"
    return text.count("\n", 0, text.rindex(planted)) + 1


def plant(fault: Fault, book) -> tuple[str, tuple[str, ...]]:
    """Plant a fault; return the place and the words that must be said."""
    for file, old, new in fault.swap:
        book.swap(file, old, new)
    if fault.add:
        file, text = fault.add
        book.write(file, (book.read(file) if (book.folder / file).exists() else "") + text)
    place = f"{fault.file}:{line_of(book.read(fault.file), fault.at)}:" if fault.at else ""
    words = fault.says
    if "GROUNDTRUTH_DATA" in fault.environment:
        spoilt = spoil(book.folder / "data")
        words = tuple(word.format(file=spoilt) for word in words)
    return place, words


def spoil(folder):
    """Fill a folder with the package's data files, one of them with a byte changed; return that one."""
    folder.mkdir()
    for path in PACKAGE_FOLDER.glob("*.gz"):
        (folder / path.name).symlink_to(path)
    spoilt = min(folder.glob("*.gz"), key=lambda path: path.stat().st_size)
    content = bytearray(spoilt.read_bytes())
    content[0] ^= 1
    spoilt.unlink()
    spoilt.write_bytes(content)
    return spoilt


def run(fault: Fault, book) -> Outcome:
    """Build with the fault, again, and mended."""
    files = {file for file, *_ in fault.swap} | ({fault.add[0]} if fault.add else set())
    whole = {file: book.read(file) for file in files if (book.folder / file).exists()}
    place, words = plant(fault, book)
    environment = {key: value.format(folder=book.folder) for key, value in fault.environment.items()}
    first = book.build(**environment)
    again = book.build(**environment)
    for file, text in whole.items():
        book.write(file, text)
    return Outcome(first, again, book.build(), place, words)


def message(outcome: Outcome, built) -> str | None:
    """Return the line of a build's output that says everything that must be said."""
    for line in built.output.splitlines():
        if outcome.place in line and all(word in line for word in outcome.words):
            return line
    return None


@pytest.fixture(scope="module")
def outcomes(request, new_book):
    """Every fault that this session asks for, built two at a time."""
    asked = [
        item.callspec.params["fault"]
        for item in request.session.items
        if item.path == request.path and "fault" in getattr(getattr(item, "callspec", None), "params", {})
    ]
    with ThreadPoolExecutor(max_workers=2) as pool:
        yield {fault.name: pool.submit(run, fault, new_book(fault.name.replace(" ", "-"))) for fault in asked}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name.replace(" ", "-"))
def test_a_fault_fails_the_build_and_says_so(fault, outcomes):
    outcome = outcomes[fault.name].result()
    for build in (outcome.first, outcome.again):
        assert build.status == fault.status, build.output
        assert all(words in build.output for words in fault.and_says), build.output
        assert message(outcome, build), (
            f"no line holds {outcome.place!r} and {outcome.words}:\n{build.output}"
        )
    assert outcome.mended.status == 0, outcome.mended.output


def test_the_authors_page_lists_every_fault():
    page = (Path(__file__).parents[2] / "book" / "appendix" / "authors.md").read_text(encoding="utf-8")
    assert [fault.name for fault in FAULTS if fault.name not in page] == []
