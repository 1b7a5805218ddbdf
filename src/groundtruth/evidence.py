"""The only way from a run to the text: records, givens, claims, verdicts and figures.

Used by every chapter. A cell calls these functions; what they hand over travels inside the cell's outputs,
under a MIME type of our own, so that it survives the execution cache. The page then shows it by a role or a
directive (see the authors' page), and the build report lists it.

A claim is judged by the 95 % t interval of a mean difference, paired by seed [Student, "The probable error of
a mean", 1908, doi 10.1093/biomet/6.1.1]. A false claim does not raise: the build finds it, names it and fails,
and a person who runs the notebook sees a notice.
"""

from __future__ import annotations

import math
import operator
import os
import re
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any, SupportsFloat

from groundtruth.profiles import active

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MIME = "application/vnd.groundtruth.evidence+json"
BUILD_VARIABLE = "GROUNDTRUTH_BUILD"
"""Set by the book build to an identifier of its own; unset where a person runs the cells."""

NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
CONFIDENCE = 0.95
SEEDS = 5
"""Seeds that a statistical claim needs."""
SEEDS_IF_CLEAR = 3
"""Seeds that suffice where the effect is more than ``CLEAR`` half-widths away from the margin."""
CLEAR = 3.0


class EvidenceError(ValueError):
    """A record, claim or figure was declared in a way that cannot be judged or shown."""


# --- what a run hands over ------------------------------------------------------------------------


@dataclass(frozen=True)
class Record:
    """A named value of a run, or (``given``) a constant of a worked example, with its formatted text."""

    kind: str
    name: str
    value: bool | int | float | str
    text: str
    source: str | None = None
    timing: bool = False


@dataclass(frozen=True)
class Claim:
    """What was claimed or compared, the values it was judged by, and the outcome.

    ``holds`` is None where nothing was decided: in a verdict, and where the profile does not evaluate.
    """

    kind: str
    name: str
    statement: str
    rule: str
    holds: bool | None = None
    verdict: str = "not evaluated"
    seeds: list[int] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    """Names of the columns in ``values``, in the order in which they are subtracted: a notebook sorts its keys."""
    values: dict[str, list[float]] = field(default_factory=dict)
    smallest: float = 0.0
    """For a verdict, the smallest difference worth naming."""
    interval: list[float] | None = None
    mean: float | None = None
    spec: str = ".3g"
    cases: list[str] = field(default_factory=list)
    note: str = ""
    timing: bool = False

    def _ipython_display_(self) -> None:
        """Show nothing more when a cell ends with it: it was displayed when it was judged."""

    def summary(self) -> str:
        """Return one line for a person who runs the cell."""
        mark = {True: "✓", False: "✗", None: "○"}[self.holds]
        if self.kind == "verdict":
            mark = "≈" if self.verdict == "not distinguishable" else "±"
        line = f"{mark} {self.statement} [{self.verdict}]"
        if self.interval is not None and self.mean is not None:
            low, high = (as_text(x, self.spec) for x in self.interval)
            line += f" mean difference {as_text(self.mean, self.spec)}, 95 % interval {low} to {high}"
        if self.holds is False:
            line += f"\n  NOTICE: this claim is false in this run. Rule: {self.rule}. {self.note}".rstrip()
        return line


Evidence = Record | Claim
_session: dict[str, Evidence] = {}


def record(
    name: str, value: object, spec: str = "", *, text: str | None = None, timing: bool = False
) -> None:
    """Hand a value of this run to the page, where ``{rec}`name` `` shows it.

    It returns nothing, so that a cell which ends with it does not print the value a second time.

    Args:
        name: lower-case words joined by hyphens, unique in the chapter.
        value: a finite number, a truth value, a string, or a zero-dimensional array or tensor.
        spec: Python format spec, such as ``".1%"`` or ``",d"``.
        text: the text to show instead of the formatted value.
        timing: the value is a time, or depends on one: it differs from build to build, and notebooks leave it out.

    Raises:
        EvidenceError: the name is malformed, the value is not finite or not a scalar, or the spec does not fit.

    """
    plain = _scalar(name, value)
    shown = as_text(plain, spec, name) if text is None else text
    _emit(Record("record", _checked(name), plain, shown, timing=timing))


def given(
    name: str, value: object, spec: str = "", *, text: str | None = None, source: str | None = None
) -> None:
    """Hand over a number that no run computes; ``{given}`name` `` shows it.

    It is a constant of a worked example (asserted in a cell) or a figure from a source.

    Args:
        name, value, spec, text: as for :func:`record`.
        source: citation key of the source the number is taken from.

    Raises:
        EvidenceError: as for :func:`record`.

    """
    plain = _scalar(name, value)
    _emit(
        Record("given", _checked(name), plain, as_text(plain, spec, name) if text is None else text, source)
    )


def claim(
    name: str,
    statement: str,
    values: Sequence[SupportsFloat],
    *,
    seeds: Sequence[int],
    against: Sequence[SupportsFloat] | SupportsFloat = 0.0,
    at_least: float | None = None,
    at_most: float | None = None,
    within: float | None = None,
    labels: tuple[str, str] | str = ("value", "reference"),
    spec: str = ".3g",
    trained: bool = True,
) -> Claim:
    """Claim something about the mean of ``values - against`` over seeds; the build fails if it is false.

    Exactly one margin is given. The claim holds when the whole 95 % t interval of the mean difference lies at or
    above ``at_least``, at or below ``at_most``, or between ``-within`` and ``within``.

    Args:
        name: as for :func:`record`.
        statement: one sentence that can be false, written before the run.
        values: one number a seed.
        seeds: the seeds, in the order of the values.
        against: one number a seed, paired with ``values``; or one number for all.
        at_least, at_most, within: the margin, in the unit of the values.
        labels: what ``values`` and ``against`` are, for the table of evidence; one word where there is no ``against``.
        spec: format spec of the values in that table.
        trained: whether the claim is about trained networks; in *quick* such a claim is not evaluated.

    Raises:
        EvidenceError: not exactly one margin, numbers that do not pair, repeated seeds, fewer than three seeds
            (where the profile evaluates), or values that are not finite.

    """
    labels = (labels, "reference") if isinstance(labels, str) else labels
    margins = {"at_least": at_least, "at_most": at_most, "within": within}
    chosen = [(key, float(margin)) for key, margin in margins.items() if margin is not None]
    if len(chosen) != 1:
        raise EvidenceError(
            f"claim '{name}': give exactly one of at_least, at_most, within; got {len(chosen)}"
        )
    ((relation, margin),) = chosen
    if relation == "within" and margin <= 0:
        raise EvidenceError(f"claim '{name}': within must be above 0, got {margin}")
    columns, numbers = _paired(name, values, against, seeds, labels)
    shown = as_text(margin, spec, name)
    difference = labels[0] if _is_zero(against) else f"{labels[0]} − {labels[1]}"
    rule = {
        "at_least": f"the whole interval of the mean of {difference} lies at or above {shown}",
        "at_most": f"the whole interval of the mean of {difference} lies at or below {shown}",
        "within": f"the whole interval of the mean of {difference} lies between −{shown} and {shown}",
    }[relation]
    pending = Claim(
        kind="claim",
        name=_checked(name),
        statement=statement,
        rule=rule,
        seeds=[int(seed) for seed in seeds],
        labels=list(columns),
        values=columns,
        spec=spec,
    )
    if trained and not active().evaluates_training:
        return _judged(pending)
    mean, low, high = t_interval(numbers, name)
    nearest = abs(mean - margin) if relation != "within" else margin - abs(mean)
    holds = {
        "at_least": low >= margin,
        "at_most": high <= margin,
        "within": -margin <= low and high <= margin,
    }[relation]
    note = ""
    if holds and len(numbers) < SEEDS and nearest <= CLEAR * (high - mean):
        holds = False
        note = (
            f"{len(numbers)} seeds suffice only where the mean is more than {CLEAR:g} half-widths from the margin; "
            f"run at least {SEEDS}."
        )
    verdict = "holds" if holds else "false"
    return _judged(replace(pending, holds=holds, verdict=verdict, interval=[low, high], mean=mean, note=note))


RELATIONS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt, "<=": operator.le, "==": operator.eq, ">=": operator.ge, ">": operator.gt,
}  # fmt: skip


def claim_every(
    name: str,
    statement: str,
    values: Sequence[SupportsFloat],
    relation: str,
    against: Sequence[SupportsFloat] | SupportsFloat,
    *,
    cases: Sequence[object] | None = None,
    labels: tuple[str, str] = ("value", "bound"),
    spec: str = ".3g",
    trained: bool = False,
) -> Claim:
    """Claim that ``value relation against`` is true in every case: a theorem, an identity, a deterministic run.

    Args:
        name, statement, labels, spec, trained: as for :func:`claim`.
        values: one number a case.
        relation: one of ``"<" "<=" "==" ">=" ">"``.
        against: one number a case, or one for all.
        cases: what each case is, for the table of evidence.

    Raises:
        EvidenceError: unknown relation, no case, or numbers that do not pair.

    """
    if relation not in RELATIONS:
        raise EvidenceError(
            f"claim '{name}': unknown relation {relation!r}; choose one of {' '.join(RELATIONS)}"
        )
    numbered = list(range(len(values)))
    columns, _ = _paired(name, values, against, numbered, labels, always_pair=True)
    left, right = columns[labels[0]], columns[labels[1]]
    if cases is not None and len(cases) != len(left):
        raise EvidenceError(f"claim '{name}': {len(left)} values but {len(cases)} cases")
    named = [str(case) for case in cases] if cases is not None else []
    pending = Claim(
        kind="claim",
        name=_checked(name),
        statement=statement,
        rule=f"{labels[0]} {_SIGNS[relation]} {labels[1]} in every one of {len(left)} cases",
        labels=list(columns),
        values=columns,
        spec=spec,
        cases=named,
    )
    if trained and not active().evaluates_training:
        return _judged(pending)
    broken = [i for i, (a, b) in enumerate(zip(left, right, strict=True)) if not RELATIONS[relation](a, b)]
    note = ""
    if broken:
        first = broken[0]
        what = named[first] if named else f"case {first + 1}"
        note = f"{len(broken)} of {len(left)} cases break it, first {what}: {left[first]:g} against {right[first]:g}."
    return _judged(replace(pending, holds=not broken, verdict="false" if broken else "holds", note=note))


_SIGNS = {"<": "<", "<=": "≤", "==": "=", ">=": "≥", ">": ">"}


def compare(
    name: str,
    values: Sequence[SupportsFloat],
    against: Sequence[SupportsFloat] | SupportsFloat,
    *,
    seeds: Sequence[int],
    labels: tuple[str, str],
    measure: str,
    smallest: float = 0.0,
    higher_is_better: bool = True,
    spec: str = ".3g",
    trained: bool = True,
    timing: bool = False,
) -> Claim:
    """Compare two sets of runs, paired by seed, and hand over a verdict that may go either way.

    The verdict is *better* or *worse* where the whole 95 % t interval of the mean difference lies beyond
    ``smallest`` on that side, else *not distinguishable*. It never fails the build.

    Args:
        name, seeds, spec, trained: as for :func:`claim`.
        values, against: one number a seed each (``against`` may be one number).
        labels: what the two are; the statement reads "measure: first against second".
        measure: what the values measure, such as ``"test accuracy"``.
        smallest: the smallest difference worth naming, in the unit of the values.
        higher_is_better: whether a larger value is the better one.
        timing: the values are times or depend on them, so that another build may decide otherwise.

    Raises:
        EvidenceError: as for :func:`claim`, and fewer than five seeds (where the profile evaluates).

    """
    if smallest < 0:
        raise EvidenceError(f"verdict '{name}': smallest must not be negative, got {smallest}")
    columns, numbers = _paired(name, values, against, seeds, labels)
    direction = "higher" if higher_is_better else "lower"
    pending = Claim(
        kind="verdict",
        name=_checked(name),
        statement=f"{measure[:1].upper()}{measure[1:]}: {labels[0]} against {labels[1]}",
        rule=f"{direction} is better; the whole interval of the mean of {labels[0]} − {labels[1]} must lie "
        f"beyond {as_text(smallest, spec, name)}",
        holds=None,
        seeds=[int(seed) for seed in seeds],
        labels=list(columns),
        values=columns,
        smallest=smallest,
        spec=spec,
        timing=timing,
    )
    if trained and not active().evaluates_training:
        return _judged(pending)
    if len(numbers) < SEEDS:
        raise EvidenceError(f"verdict '{name}': {len(numbers)} seeds; a verdict needs at least {SEEDS}")
    mean, low, high = t_interval(numbers, name)
    better, worse = low > smallest, high < -smallest
    if not higher_is_better:
        better, worse = worse, better
    verdict = "better" if better else "worse" if worse else "not distinguishable"
    return _judged(replace(pending, verdict=verdict, interval=[low, high], mean=mean))


def figure(name: str, drawn: Figure | Sequence[Figure], *, timing: bool = False) -> None:
    """Hand a figure of this run to the page, or the stages of a stepped one.

    ``{run-figure} name`` or ``{stepped-figure} name`` places it, with caption and alt text. Where a person runs the
    cell, the figure is displayed there and then.

    Args:
        name: as for :func:`record`.
        drawn: one figure, or one a stage.
        timing: it shows times, and so looks different in every build.

    Raises:
        EvidenceError: the name is malformed, or there is no figure.

    """
    from matplotlib.figure import Figure as MatplotlibFigure  # noqa: PLC0415 - a second, where nothing is drawn

    from groundtruth.plotting.style import to_svg  # noqa: PLC0415

    stages = list(drawn) if isinstance(drawn, Sequence) else [drawn]
    if not stages or not all(isinstance(stage, MatplotlibFigure) for stage in stages):
        raise EvidenceError(f"figure '{name}': expected a matplotlib Figure or a non-empty list of them")
    payload: dict[str, Any] = {"kind": "figure", "name": _checked(name), "timing": timing}
    if os.environ.get(BUILD_VARIABLE):
        payload["stages"] = [to_svg(stage) for stage in stages]
        _publish(payload, f"figure {name}")
    elif _in_notebook():
        _show(stages)
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is not None:  # a pyplot figure would be displayed a second time when the cell ends
        for stage in stages:
            pyplot.close(stage)


def _show(stages: Sequence[Figure]) -> None:
    """Display the stages below the cell, on paper white: a notebook may be dark, the light drawing is not."""
    from io import BytesIO  # noqa: PLC0415

    from IPython.display import Image, display  # noqa: PLC0415

    for stage in stages:
        png = BytesIO()
        stage.savefig(png, format="png", dpi=144, facecolor="white")
        display(Image(png.getvalue(), width=round(96 * stage.get_figwidth() * 1.25)))


def beside_the_book(book: Mapping[str, str], origin: str = "book") -> None:
    """Print this run's values beside the book's: the last cell of a student's notebook.

    Args:
        book: text of each record, and outcome of each claim and verdict, in the book, by name.
        origin: what made the book's values, such as ``"book build, cpu"``.

    """
    rows = [("name", "here", origin)]
    for name, theirs in book.items():
        mine = _session.get(name)
        here = "–" if mine is None else mine.text if isinstance(mine, Record) else mine.verdict
        rows.append((name, here, theirs))
    widths = [max(len(row[i]) for row in rows) for i in range(3)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


# --- arithmetic -----------------------------------------------------------------------------------


def t_interval(numbers: Sequence[float], name: str = "interval") -> tuple[float, float, float]:
    """Return mean and both ends of the 95 % t interval of the mean of ``numbers``.

    Raises:
        EvidenceError: fewer than three numbers.

    """
    n = len(numbers)
    if n < SEEDS_IF_CLEAR:
        raise EvidenceError(
            f"'{name}': {n} seeds; an interval needs at least {SEEDS_IF_CLEAR}, better {SEEDS}. In the profile quick, "
            "profile.seeds(10) keeps two: write profile.seeds(10, quick=5), or leave the claim to trained=True."
        )
    from scipy.stats import t as student  # noqa: PLC0415 - scipy.stats takes half a second to import

    mean = math.fsum(numbers) / n
    variance = math.fsum((x - mean) ** 2 for x in numbers) / (n - 1)
    half = float(student.ppf(0.5 + CONFIDENCE / 2, n - 1)) * math.sqrt(variance / n)
    return mean, mean - half, mean + half


def as_text(value: bool | int | float | str, spec: str = "", name: str = "") -> str:
    """Format a value as it stands in prose: a true minus sign, and a no-break space before the per cent sign.

    Raises:
        EvidenceError: the spec does not fit the value.

    """
    if isinstance(value, bool) and not spec:
        return "yes" if value else "no"
    try:
        text = format(value, spec)
    except (ValueError, TypeError) as error:
        raise EvidenceError(f"'{name}': format spec {spec!r} does not fit {value!r} ({error})") from None
    if isinstance(value, str):
        return text
    if re.fullmatch(r"-?0(\.0+)?%?", text):  # no negative zero
        text = text.removeprefix("-")
    text = re.sub(r"(\d)e([+-])0*(\d+)", lambda m: f"{m[1]} × 10^{m[2].strip('+')}{m[3]}", text)
    text = re.sub(r"\^(-?\d+)", lambda m: m[1].translate(_SUPERSCRIPT), text)
    return text.replace("-", "−").replace("%", "\u00a0%")


_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def _paired(
    name: str,
    values: Sequence[SupportsFloat],
    against: Sequence[SupportsFloat] | SupportsFloat,
    seeds: Sequence[int],
    labels: tuple[str, str],
    *,
    always_pair: bool = False,
) -> tuple[dict[str, list[float]], list[float]]:
    """Return the columns of the evidence table, and the differences; refuse what does not pair."""
    if len(labels) != 2 or labels[0] == labels[1]:
        raise EvidenceError(f"'{name}': labels must be two different names, got {labels!r}")
    left = _finite(name, labels[0], values)
    right = (
        _finite(name, labels[1], against)  # type: ignore[arg-type]
        if hasattr(against, "__len__") and getattr(against, "ndim", 1) > 0
        else _finite(name, labels[1], [against] * len(left))  # type: ignore[list-item]
    )
    if not left:
        raise EvidenceError(f"'{name}': there are no values to judge by")
    if len(left) != len(right):
        raise EvidenceError(
            f"'{name}': {len(left)} values of {labels[0]} cannot be paired with {len(right)} of {labels[1]}"
        )
    if len(seeds) != len(left):
        raise EvidenceError(f"'{name}': {len(left)} values but {len(seeds)} seeds; give one value a seed")
    if len(set(seeds)) != len(seeds):
        raise EvidenceError(
            f"'{name}': a seed is repeated in {list(seeds)}; repeated runs are not independent"
        )
    columns = {labels[0]: left}
    if always_pair or not _is_zero(against):
        columns[labels[1]] = right
    return columns, [a - b for a, b in zip(left, right, strict=True)]


def _is_zero(against: Any) -> bool:
    return isinstance(against, int | float) and against == 0


def _finite(name: str, label: str, numbers: Sequence[SupportsFloat]) -> list[float]:
    plain = [float(number) for number in numbers]
    for position, number in enumerate(plain):
        if not math.isfinite(number):
            raise EvidenceError(
                f"'{name}': value {position} of {label} is {number}; a comparison needs finite numbers"
            )
    return plain


def _scalar(name: str, value: object) -> bool | int | float | str:
    """Return a plain Python scalar: the report is JSON, and NumPy scalars do not format alike."""
    item = getattr(value, "item", None)
    if callable(item) and not isinstance(value, str):
        if getattr(value, "size", 1) not in (1,) and not callable(getattr(value, "size", None)):
            raise EvidenceError(
                f"'{name}': expected one value, got an array of shape {getattr(value, 'shape', '?')}"
            )
        try:
            value = item()
        except (ValueError, RuntimeError):
            raise EvidenceError(
                f"'{name}': expected one value, got an array of shape {tuple(getattr(value, 'shape', ()))}"
            ) from None
    if not isinstance(value, bool | int | float | str):
        raise EvidenceError(
            f"'{name}': expected a number, a truth value or a string, got {type(value).__name__}"
        )
    if isinstance(value, float) and not math.isfinite(value):
        raise EvidenceError(f"'{name}': the value is {value}; a record must be finite")
    return value


def _checked(name: str) -> str:
    if not NAME.fullmatch(name):
        raise EvidenceError(
            f"{name!r} is no name: use lower-case words joined by hyphens, such as 'test-accuracy'"
        )
    return name


# --- the way out of the cell ----------------------------------------------------------------------


def _judged(outcome: Claim) -> Claim:
    _emit(outcome)
    return outcome


def _emit(item: Evidence) -> None:
    _session[item.name] = item
    plain = f"{item.name} = {item.text}" if isinstance(item, Record) else item.summary()
    _publish(asdict(item), plain)


def _publish(payload: dict[str, Any], plain: str) -> None:
    """Display the payload under our MIME type, with one line of text for everybody else."""
    if _in_notebook():
        from IPython.display import display  # noqa: PLC0415

        bundle: dict[str, Any] = {"text/plain": plain}
        if os.environ.get(BUILD_VARIABLE):
            bundle[MIME] = payload
        display(bundle, raw=True)
    else:
        print(plain)


def _in_notebook() -> bool:
    ipython = sys.modules.get("IPython")
    return ipython is not None and ipython.get_ipython() is not None


def _meter() -> None:
    """In a book build, have every cell report its seconds and the process's peak memory.

    They travel in the outputs as evidence does, so that a cache hit still knows what the run cost.
    """
    if not (os.environ.get(BUILD_VARIABLE) and _in_notebook()):
        return
    import resource  # noqa: PLC0415 - not on Windows, where books are read but not built

    from IPython import get_ipython  # noqa: PLC0415
    from IPython.display import display  # noqa: PLC0415

    shell = get_ipython()
    # The first cell is already running: its clock starts with the kernel process, imports included.
    started = time.time() - _process_age()
    build = os.environ[BUILD_VARIABLE]

    def before(*_: object) -> None:
        nonlocal started
        started = time.time()

    def after(*_: object) -> None:
        usage = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        payload = {
            "kind": "cost", "build": build, "seconds": round(time.time() - started, 3),
            "peak_rss_mb": round(usage / 1024),
        }  # fmt: skip
        display({MIME: payload, "text/plain": ""}, raw=True)

    shell.events.register("pre_run_cell", before)
    shell.events.register("post_run_cell", after)


def _process_age() -> float:
    import psutil  # noqa: PLC0415 - only in a build

    return time.time() - float(psutil.Process().create_time())


_meter()
