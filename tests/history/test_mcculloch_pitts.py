"""Logic neurons: every function, memory, and the illusion of the paper's figure."""

from itertools import product

import pytest

from groundtruth.history.mcculloch_pitts import (
    Net,
    Neuron,
    answers,
    heat_illusion,
    memory,
    net_of,
    single_neurons,
)


@pytest.mark.parametrize("inputs", [1, 2, 3])
def test_every_function_that_is_silent_when_all_is_silent_is_computed(inputs):
    for table in product((0, 1), repeat=2**inputs):
        if table[0]:
            with pytest.raises(ValueError, match="silent"):
                net_of(table)
        else:
            assert answers(net_of(table)) == list(table)


def test_one_neuron_does_all_of_two_inputs_but_exactly_one():
    found = single_neurons(2)
    assert {table for table in product((0, 1), repeat=4) if not table[0]} - found == {(0, 1, 1, 0)}


def test_a_circle_remembers_and_a_net_without_does_not():
    assert [state[0] for state in memory().run([(0,), (1,)], after=5)] == [0, 1, 1, 1, 1, 1, 1]
    assert [state[0] for state in Net(1, (Neuron((0,), (), 1),)).run([(1,)], after=2)] == [1, 0, 0]


def test_cold_for_a_tick_is_felt_as_heat_and_for_two_as_cold():
    felt = [state[2:] for state in heat_illusion().run([(0, 1)], after=3)]
    assert (1, 0) in felt
    assert (0, 1) not in felt
    felt = [state[2:] for state in heat_illusion().run([(0, 1), (0, 1)], after=1)]
    assert (0, 1) in felt
    assert (1, 0) in [state[2:] for state in heat_illusion().run([(1, 0)], after=1)]


def test_what_cannot_be_meant_is_refused():
    with pytest.raises(ValueError, match="threshold"):
        Neuron((0,), (), 0)
    with pytest.raises(ValueError, match="2 inputs"):
        heat_illusion().run([(0,)])
    with pytest.raises(ValueError, match="rows"):
        net_of([0, 1, 1])
