"""1943: neurons that compute logic.

Used by the chapter *history*.

Source: McCulloch & Pitts, "A logical calculus of the ideas immanent in nervous activity", Bulletin of Mathematical
Biophysics 5 (1943), doi 10.1007/BF02478259. Their assumptions, all kept here: a neuron fires or does not; it fires
one tick after a fixed number of excitatory inputs were active; one active inhibitory input prevents it; nothing is
learned, the structure of a net does not change.

What it showed: a net without circles computes every function that is false when all its inputs are silent (theorem
II), and a net with circles remembers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

from groundtruth.history.milestone import Milestone, Outcome, command_line
from groundtruth.profiles import Profile


@dataclass(frozen=True)
class Neuron:
    """One neuron: which lines excite it, which inhibit it, and how many must be active.

    Raises:
        ValueError: a threshold below 1; a neuron does not fire by itself.

    """

    excites: tuple[int, ...]
    """Numbers of lines; a line that is named twice has two synapses."""
    inhibits: tuple[int, ...]
    threshold: int

    def __post_init__(self) -> None:
        if self.threshold < 1:
            raise ValueError(f"a neuron needs a threshold of at least 1; got {self.threshold}")

    def fires(self, lines: Sequence[int]) -> int:
        """Return 1 or 0 for what is on the lines now; it is on this neuron's own line a tick later."""
        if any(lines[i] for i in self.inhibits):
            return 0
        return int(sum(lines[i] for i in self.excites) >= self.threshold)


@dataclass(frozen=True)
class Net:
    """Inputs on the first lines, then a line a neuron; all neurons step together."""

    inputs: int
    neurons: tuple[Neuron, ...]

    def run(self, ticks: Sequence[Sequence[int]], after: int = 0) -> list[tuple[int, ...]]:
        """Return what the neurons' lines hold after each tick.

        Args:
            ticks: what is on the input lines, tick by tick.
            after: so many more ticks with silent inputs.

        Raises:
            ValueError: a tick with another number of inputs.

        """
        state = (0,) * len(self.neurons)
        history = []
        for now in [*map(tuple, ticks), *[(0,) * self.inputs] * after]:
            if len(now) != self.inputs:
                raise ValueError(f"a tick needs {self.inputs} inputs; got {len(now)}")
            state = tuple(neuron.fires((*now, *state)) for neuron in self.neurons)
            history.append(state)
        return history


def net_of(table: Sequence[int]) -> Net:
    """Return a net for a truth table: a neuron for each row that is true, and one that asks for any of them.

    Args:
        table: 2ⁿ answers, rows counted in binary, the first input first; row 0, all silent, must be false.

    Raises:
        ValueError: no power of two, or true when all inputs are silent.

    """
    inputs = len(table).bit_length() - 1
    if len(table) != 2**inputs or inputs < 1:
        raise ValueError(f"a truth table needs 2, 4, 8, … rows; got {len(table)}")
    if table[0]:
        raise ValueError(
            "true when all inputs are silent: a neuron cannot fire by itself; add an input that is always on"
        )
    rows = []
    for answer, row in zip(table, product((0, 1), repeat=inputs), strict=True):
        if answer:
            on = tuple(i for i in range(inputs) if row[i])
            off = tuple(i for i in range(inputs) if not row[i])
            rows.append(Neuron(on, off, len(on)))
    lines = tuple(range(inputs, inputs + len(rows)))
    return Net(inputs, (*rows, Neuron(lines, (), 1)))


def answers(net: Net) -> list[int]:
    """Return the truth table that a net of two layers computes: its last neuron, two ticks after each row."""
    table = []
    for row in product((0, 1), repeat=net.inputs):
        table.append(net.run([row], after=1)[-1][-1])
    return table


def single_neurons(inputs: int) -> set[tuple[int, ...]]:
    """Return the truth tables of all single neurons with at most one synapse an input."""
    found = set()
    for kinds in product((-1, 0, 1), repeat=inputs):
        on = tuple(i for i, kind in enumerate(kinds) if kind > 0)
        off = tuple(i for i, kind in enumerate(kinds) if kind < 0)
        for threshold in range(1, max(2, len(on) + 1)):
            neuron = Neuron(on, off, threshold)
            found.add(tuple(neuron.fires(row) for row in product((0, 1), repeat=inputs)))
    return found


def memory() -> Net:
    """Return a net with a circle: once its input was active, its neuron excites itself for ever."""
    return Net(1, (Neuron((0, 1), (), 1),))


def heat_illusion() -> Net:
    """Return the paper's figure 1e: a cold object held for one tick is felt as heat, held for two as cold.

    Inputs are the receptors of heat and of cold; the last two neurons are the sensations of heat and of cold.
    """
    heat, cold, a, b = range(4)
    return Net(
        2,
        (
            Neuron((cold,), (), 1),  # a: cold, one tick ago
            Neuron((a,), (cold,), 1),  # b: cold had begun and is over
            Neuron((heat, heat, b, b), (), 2),  # heat is felt
            Neuron((cold, a), (), 2),  # cold is felt
        ),
    )


def run(profile: Profile, seeds: Sequence[int] | None = None) -> Milestone:
    """Build a net for every function of three inputs, and one that remembers."""
    tables = [table for table in product((0, 1), repeat=8) if not table[0]]
    computed = sum(answers(net_of(table)) == list(table) for table in tables)
    single = len(single_neurons(2))
    return Milestone(
        name="mcculloch_pitts",
        year=1943,
        idea="neurons compute logic",
        outcomes=(
            Outcome(
                "functions of 3 inputs, of 128",
                (computed,),
                ".0f",
                "mcculloch1943logical",
                "all (theorem II)",
            ),
            Outcome("functions of 2 inputs by one neuron, of 8", (single,), ".0f", "mcculloch1943logical"),
        ),
        data="the paper has none: it proves, we try all",
        size="three inputs; the paper: any number",
        passes="nothing is learned, here or there",
        seeds=(0,),
        profile=profile.name,
    )


if __name__ == "__main__":
    command_line(run)
