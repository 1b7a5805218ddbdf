"""Reverse-mode automatic differentiation of matrices, written out by hand.

Used by the chapter *backpropagation*.

An `Array` holds a plain tensor, what it was computed from, and a function that carries a gradient back: given the
slope of the loss in every entry of the result (a tensor of the result's shape), it returns the slopes in the entries
of each parent (tensors of the parents' shapes). No matrix of all pairs of entries is ever formed. Nothing here uses
torch's own differentiation; the tests hold both against each other.

Sources: Rumelhart, Hinton & Williams, "Learning representations by back-propagating errors" (1986, doi
10.1038/323533a0), equations 4 to 7, for a layer; Baydin et al., "Automatic differentiation in machine learning: a
survey" (2018), section 3.2.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

Pull = Callable[[Tensor], tuple[Tensor, ...]]
"""Takes the slopes in the result, returns those in each parent."""


class Array:
    """A tensor in a graph of computations.

    Args:
        data: the numbers; must be of a floating type.
        parents: the arrays that it was computed from.
        pull: carries a gradient from this array to its parents.
        constant: no gradient is wanted (inputs, targets); it follows from the parents where there are some.

    Raises:
        TypeError: ``data`` is no floating tensor.

    """

    def __init__(
        self, data: Tensor, parents: Sequence[Array] = (), pull: Pull | None = None, *, constant: bool = False
    ) -> None:
        if not isinstance(data, Tensor) or not data.is_floating_point():
            raise TypeError(
                f"an Array needs a floating tensor, not {getattr(data, 'dtype', type(data).__name__)}"
            )
        self.data = data.detach()
        self.grad: Tensor | None = None
        """Slopes of the outputs on which `backward` was called, added up over the calls; None before the first."""
        self.parents = tuple(parents)
        self.pull = pull
        self.constant: bool = all(parent.constant for parent in parents) if parents else constant

    @property
    def shape(self) -> torch.Size:
        """The shape of the numbers."""
        return self.data.shape

    def __repr__(self) -> str:
        return f"Array{tuple(self.shape)}"

    # --- entry by entry, with broadcasting -----------------------------------------------------------------

    def __add__(self, other: Array | Tensor | float) -> Array:
        other = self._with(other)
        return Array(
            self.data + other.data,
            (self, other),
            lambda g: (sum_to(g, self.shape), sum_to(g, other.shape)),
        )

    def __mul__(self, other: Array | Tensor | float) -> Array:
        other = self._with(other)
        return Array(
            self.data * other.data,
            (self, other),
            lambda g: (sum_to(g * other.data, self.shape), sum_to(g * self.data, other.shape)),
        )

    def __neg__(self) -> Array:
        return Array(-self.data, (self,), lambda g: (-g,))

    def __sub__(self, other: Array | Tensor | float) -> Array:
        return self + -self._with(other)

    def __truediv__(self, other: Array | Tensor | float) -> Array:
        return self * self._with(other) ** -1

    def __pow__(self, exponent: float) -> Array:
        if isinstance(exponent, bool) or not isinstance(exponent, int | float):
            raise TypeError(f"the exponent must be a number, not {type(exponent).__name__}")
        if exponent == 0:
            return Array(torch.ones_like(self.data), (self,), lambda g: (torch.zeros_like(g),))
        return Array(self.data**exponent, (self,), lambda g: (g * exponent * self.data ** (exponent - 1),))

    __radd__ = __add__
    __rmul__ = __mul__

    def __rsub__(self, other: Tensor | float) -> Array:
        return self._with(other) - self

    def __rtruediv__(self, other: Tensor | float) -> Array:
        return self._with(other) / self

    def relu(self) -> Array:
        """Return the positive part; the slope at exactly 0 is 0."""
        on = self.data > 0
        return Array(self.data * on, (self,), lambda g: (g * on,))

    def tanh(self) -> Array:
        """Return the hyperbolic tangent."""
        t = self.data.tanh()
        return Array(t, (self,), lambda g: (g * (1 - t * t),))

    def sigmoid(self) -> Array:
        """Return 1 / (1 + exp(−x))."""
        s = self.data.sigmoid()
        return Array(s, (self,), lambda g: (g * s * (1 - s),))

    def exp(self) -> Array:
        """Return e to the power of every entry."""
        power = self.data.exp()
        return Array(power, (self,), lambda g: (g * power,))

    def log(self) -> Array:
        """Return the natural logarithms; a ValueError where an entry is not above 0."""
        if bool((self.data <= 0).any()):
            raise ValueError(f"log needs entries above 0; the smallest is {float(self.data.min()):g}")
        return Array(self.data.log(), (self,), lambda g: (g / self.data,))

    # --- across entries ------------------------------------------------------------------------------------

    def __matmul__(self, other: Array | Tensor) -> Array:
        other = self._with(other)
        a, b = self.data, other.data  # (N, K) and (K, M)
        if a.dim() != 2 or b.dim() != 2 or a.shape[1] != b.shape[0]:
            shapes = f"{tuple(a.shape)} and {tuple(b.shape)}"
            raise ValueError(f"a product needs shapes (N, K) and (K, M); got {shapes}")
        # g is (N, M), like the product: one product with it has the shape of each parent
        return Array(a @ b, (self, other), lambda g: (g @ b.T, a.T @ g))

    @property
    def T(self) -> Array:  # noqa: N802
        """Rows and columns exchanged: (N, M) -> (M, N)."""
        if self.data.dim() != 2:
            raise ValueError(f"only a matrix has a transpose; got shape {tuple(self.shape)}")
        return Array(self.data.T, (self,), lambda g: (g.T,))

    def sum(self, dim: int | None = None, *, keepdim: bool = False) -> Array:
        """Return the sum of all entries, or along one dimension: every entry gets the gradient of its sum."""
        if dim is None:
            total = self.data.sum()
            return Array(total, (self,), lambda g: (g.expand(self.shape),))
        total = self.data.sum(dim=dim, keepdim=keepdim)

        def pull(g: Tensor) -> tuple[Tensor, ...]:
            return ((g if keepdim else g.unsqueeze(dim)).expand(self.shape),)

        return Array(total, (self,), pull)

    def mean(self, dim: int | None = None, *, keepdim: bool = False) -> Array:
        """Return the mean of all entries, or along one dimension."""
        count = self.data.numel() if dim is None else self.shape[dim]
        if count == 0:
            raise ValueError(f"no mean of no entries; the shape is {tuple(self.shape)}")
        return self.sum(dim, keepdim=keepdim) * (1 / count)

    def log_softmax(self) -> Array:
        """Return the logarithms of the softmax along the last dimension: (..., C) -> (..., C)."""
        logs = self.data - self.data.logsumexp(dim=-1, keepdim=True)
        shares = logs.exp()
        return Array(logs, (self,), lambda g: (g - shares * g.sum(dim=-1, keepdim=True),))

    def cross_entropy(self, labels: Tensor) -> Array:
        """Return the mean over the examples of −log softmax(logits)[label]: logits (N, C), labels (N,) -> ().

        Raises:
            ValueError: shapes do not fit.

        """
        if self.data.dim() != 2 or labels.shape != self.shape[:1]:
            raise ValueError(
                f"needs logits (N, C) and labels (N,); got {tuple(self.shape)} and {tuple(labels.shape)}"
            )
        one_hot = torch.nn.functional.one_hot(labels, self.shape[1]).to(self.data.dtype)  # (N, C)
        return -(self.log_softmax() * one_hot).sum() * (1 / len(labels))

    # --- the graph -----------------------------------------------------------------------------------------

    def ordered(self) -> list[Array]:
        """Return every array that this one depends on and that is no constant: parents before children."""
        order: list[Array] = []
        seen: set[int] = set()
        stack: list[tuple[Array, bool]] = [(self, False)]
        while stack:
            array, parents_done = stack.pop()
            if parents_done:
                order.append(array)
            elif id(array) not in seen and not array.constant:
                seen.add(id(array))
                stack.append((array, True))
                stack.extend((parent, False) for parent in array.parents)
        return order

    def backward(self) -> None:
        """Add the slope of this single number in each array that it depends on to that array's ``grad``.

        Raises:
            ValueError: this is no single number, or depends on constants alone.

        """
        if self.data.numel() != 1:
            raise ValueError(f"backward starts from a single number; this has shape {tuple(self.shape)}")
        if self.constant:
            raise ValueError("nothing to differentiate: this depends on constants alone")
        order = self.ordered()
        slopes = {id(array): torch.zeros_like(array.data) for array in order}  # of this call alone
        slopes[id(self)] = torch.ones_like(self.data)
        for array in reversed(order):
            if array.pull is None:
                continue
            for parent, slope in zip(array.parents, array.pull(slopes[id(array)]), strict=True):
                if not parent.constant:
                    slopes[id(parent)] = slopes[id(parent)] + slope
        for array in order:
            slope = slopes[id(array)]
            array.grad = slope if array.grad is None else array.grad + slope

    def _with(self, other: Array | Tensor | float) -> Array:
        """Return the other operand as an Array; numbers and tensors become constants."""
        if isinstance(other, Array):
            return other
        if isinstance(other, Tensor):
            return Array(other.to(self.data.dtype), constant=True)
        if isinstance(other, bool) or not isinstance(other, int | float):
            raise TypeError(f"an Array, a tensor or a number is needed, not {type(other).__name__}")
        return Array(torch.as_tensor(other, dtype=self.data.dtype), constant=True)


def sum_to(gradient: Tensor, shape: Sequence[int]) -> Tensor:
    """Add up a gradient over the axes along which its array was broadcast, so that it has the array's shape again.

    An entry that was copied along an axis acts through every copy, and the slopes of its copies add up.

    Raises:
        ValueError: no broadcasting leads from ``shape`` to the gradient's.

    """
    shape = tuple(shape)
    extra = gradient.dim() - len(shape)
    if extra < 0 or any(
        s not in (1, g) for s, g in zip(shape, gradient.shape[max(extra, 0) :], strict=False)
    ):
        raise ValueError(f"shape {shape} cannot have been broadcast to {tuple(gradient.shape)}")
    if extra:
        gradient = gradient.sum(dim=tuple(range(extra)))
    stretched = [axis for axis, size in enumerate(shape) if size == 1 and gradient.shape[axis] != 1]
    return gradient.sum(dim=stretched, keepdim=True) if stretched else gradient
