"""Reverse-mode automatic differentiation of single numbers, written out by hand.

Used by the chapter *backpropagation*.

A `Value` is a number that remembers what it was computed from, and how steeply it depends on each of those
numbers. Together they form a graph without cycles. The chain rule says: the slope of the output in some value is the
sum, over all paths from that value to the output, of the products of the slopes along the path. `Value.backward` adds
up these products from the output's end, so that every arrow of the graph is walked once, however many inputs there
are. `forward_slope` does it from one input's end, and needs a walk for each input.

Sources: Linnainmaa, "Taylor expansion of the accumulated rounding error", BIT 16 (1976, doi 10.1007/BF01931367), after
his thesis of 1970; Baydin, Pearlmutter, Radul & Siskind, "Automatic differentiation in machine learning: a survey"
(2018), sections 3.1 and 3.2 for the two modes. A class of this shape, with other insides, is Karpathy's micrograd.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any


class Value:
    """A number in a graph of computations.

    Args:
        data: the number.
        parents: the values that it was computed from.
        slopes: the derivative of this value in each parent, as many as there are parents.

    Raises:
        ValueError: parents and slopes differ in number.

    """

    __slots__ = ("data", "grad", "parents", "slopes")

    def __init__(self, data: float, parents: Sequence[Value] = (), slopes: Sequence[float] = ()) -> None:
        if len(parents) != len(slopes):
            raise ValueError(f"every parent needs one slope; got {len(parents)} and {len(slopes)}")
        self.data = float(data)
        self.grad = 0.0
        """Slope of the outputs on which `backward` was called, added up over the calls."""
        self.parents = tuple(parents)
        self.slopes = tuple(slopes)

    # --- operations: each knows its value and its slopes ---------------------------------------------------

    def __add__(self, other: Value | float) -> Value:
        other = as_value(other)
        return Value(self.data + other.data, (self, other), (1.0, 1.0))

    def __mul__(self, other: Value | float) -> Value:
        other = as_value(other)
        return Value(self.data * other.data, (self, other), (other.data, self.data))

    def __sub__(self, other: Value | float) -> Value:
        other = as_value(other)
        return Value(self.data - other.data, (self, other), (1.0, -1.0))

    def __truediv__(self, other: Value | float) -> Value:
        other = as_value(other)
        if other.data == 0:
            raise ValueError("division by a Value of 0")
        ratio = self.data / other.data
        return Value(ratio, (self, other), (1 / other.data, -ratio / other.data))

    def __pow__(self, exponent: float) -> Value:
        """Return the value to the power of a number (not of a Value: write ``(y * x.log()).exp()`` for x to the y).

        Raises:
            TypeError: the exponent is no number.
            ValueError: the power or its slope is no real, finite number.

        """
        if isinstance(exponent, bool) or not isinstance(exponent, int | float):
            raise TypeError(f"the exponent must be a number, not {type(exponent).__name__}")
        if exponent == 0:
            return Value(1.0, (self,), (0.0,))
        if self.data < 0 and exponent != int(exponent):
            raise ValueError(f"{self.data:g} to the power {exponent:g} is not a real number")
        if self.data == 0 and exponent < 1:
            raise ValueError(f"0 to the power {exponent:g} has no finite value and slope")
        return Value(self.data**exponent, (self,), (exponent * self.data ** (exponent - 1),))

    def __neg__(self) -> Value:
        return Value(-self.data, (self,), (-1.0,))

    def exp(self) -> Value:
        """Return e to the power of this value, which is its own slope."""
        power = math.exp(self.data)
        return Value(power, (self,), (power,))

    def log(self) -> Value:
        """Return the natural logarithm; a ValueError where the value is not above 0."""
        if self.data <= 0:
            raise ValueError(f"log needs a Value above 0; got {self.data:g}")
        return Value(math.log(self.data), (self,), (1 / self.data,))

    def tanh(self) -> Value:
        """Return the hyperbolic tangent."""
        t = math.tanh(self.data)
        return Value(t, (self,), (1 - t * t,))

    def sigmoid(self) -> Value:
        """Return 1 / (1 + exp(−value)), computed so that no exponential overflows."""
        small = math.exp(-abs(self.data))
        s = 1 / (1 + small) if self.data >= 0 else small / (1 + small)
        return Value(s, (self,), (s * (1 - s),))

    def relu(self) -> Value:
        """Return the value where it is positive, else 0; the slope at exactly 0 is taken to be 0, as in torch."""
        return Value(max(self.data, 0.0), (self,), (1.0 if self.data > 0 else 0.0,))

    __radd__ = __add__
    __rmul__ = __mul__

    def __rsub__(self, other: float) -> Value:
        return as_value(other) - self

    def __rtruediv__(self, other: float) -> Value:
        return as_value(other) / self

    def __repr__(self) -> str:
        return f"Value({self.data:.6g}, grad={self.grad:.6g})"

    # --- the graph -----------------------------------------------------------------------------------------

    def ordered(self) -> list[Value]:
        """Return every value that this one depends on, and last this one itself: parents before children.

        This is a topological order. The walk keeps its own stack: Python's would end at about a thousand values.
        """
        order: list[Value] = []
        seen: set[int] = set()
        stack: list[tuple[Value, bool]] = [(self, False)]
        while stack:
            value, parents_done = stack.pop()
            if parents_done:
                order.append(value)
            elif id(value) not in seen:
                seen.add(id(value))
                stack.append((value, True))
                stack.extend((parent, False) for parent in value.parents)
        return order

    def backward(self) -> int:
        """Add the slope of this value in each value that it depends on to that value's ``grad``.

        A second call adds a second time, as in torch. Set ``grad`` of the parameters to 0 between two steps.

        Returns:
            How many arrows of the graph were walked, each with one multiplication and one addition.

        """
        order = self.ordered()
        slope = {id(value): 0.0 for value in order}  # of this call alone
        slope[id(self)] = 1.0
        arrows = 0
        for value in reversed(order):  # children before parents: a slope is complete before it is handed on
            for parent, local in zip(value.parents, value.slopes, strict=True):
                slope[id(parent)] += local * slope[id(value)]
                arrows += 1
        for value in order:
            value.grad += slope[id(value)]
        return arrows


def as_value(number: Value | float) -> Value:
    """Return a Value as it is, and a number as a Value without parents.

    Raises:
        TypeError: it is neither.

    """
    if isinstance(number, Value):
        return number
    if isinstance(number, bool) or not isinstance(number, int | float):
        raise TypeError(f"a Value or a number is needed, not {type(number).__name__}")
    return Value(number)


def forward_slope(output: Value, start: Value) -> tuple[float, int]:
    """Return the slope of ``output`` in ``start`` by forward mode, and how many arrows were walked.

    The same arrows with the same slopes as in `Value.backward`, multiplied from the other end: one walk gives the
    slopes of *all* values in *one* input.
    """
    slope: dict[int, float] = {}
    arrows = 0
    for value in output.ordered():  # parents before children
        total = 1.0 if value is start else 0.0
        for parent, local in zip(value.parents, value.slopes, strict=True):
            total += local * slope[id(parent)]
            arrows += 1
        slope[id(value)] = total
    return slope[id(output)], arrows


# --- a whole network, number by number --------------------------------------------------------------------


def as_values(numbers: Any) -> Any:
    """Return a list of numbers, nested to any depth (such as ``tensor.tolist()``), as a list of Values."""
    if isinstance(numbers, list | tuple):
        return [as_values(part) for part in numbers]
    return as_value(numbers)


def flat(parts: Any) -> list[Value]:
    """Return the Values of a nested list, in reading order."""
    return [value for part in parts for value in flat(part)] if isinstance(parts, list) else [parts]


def network_loss(parameters: Sequence[Any], x: Sequence[Sequence[float]], y: Sequence[float]) -> Value:
    """Return the mean squared loss of a network of ReLU layers with one output.

    Args:
        parameters: weights (K, D) and biases (K,) of each layer in turn, as nested lists of Values; the last has K = 1.
        x: (N, D), numbers.
        y: (N,), numbers.

    Raises:
        ValueError: no example, or a layer, an input or the targets do not fit.

    """
    if not x or len(x) != len(y):
        raise ValueError(
            f"needs as many targets as inputs, one at least; got {len(x)} inputs, {len(y)} targets"
        )
    total = Value(0.0)
    for inputs, target in zip(x, y, strict=True):
        h = [as_value(number) for number in inputs]
        for i in range(0, len(parameters), 2):
            z = list(parameters[i + 1])  # begin with the bias of each unit
            for unit, row in enumerate(parameters[i]):
                for weight, value in zip(row, h, strict=True):
                    z[unit] = z[unit] + weight * value
            h = [score.relu() for score in z] if i + 2 < len(parameters) else z
        if len(h) != 1:
            raise ValueError(f"the network needs one output; its last layer has {len(h)}")
        total = total + (h[0] - target) ** 2
    return total / len(y)
