"""The perceptron, written out by hand: unit, learning rule, many classes, two layers, and Novikoff's bound.

Used by the chapter *perceptron*. Labels are 0 and 1 in the whole module; the sign of label y is s = 2y − 1.

Sources: the unit is Rosenblatt's (1958, doi 10.1037/h0042519), the rule the error correction for which Block
(1962, doi 10.1103/RevModPhys.34.123) and Novikoff (1962) proved convergence. Averaging and the form of the
bound, (R/γ)², follow Freund and Schapire (1999, doi 10.1023/A:1007662407062).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from scipy.optimize import nnls
from torch import Tensor


def step(score: Tensor) -> Tensor:
    """Return 1 where the score is above 0, else 0 (a score of exactly 0 gives 0); any shape, same dtype."""
    return (score > 0).to(score.dtype)


class Perceptron:
    """One unit: it answers 1 if w·x + b > 0, else 0, and learns only from its mistakes.

    Attributes:
        weights: (D,).
        bias: a number.
        seen: how many examples have been presented.

    """

    def __init__(self, weights: Tensor, bias: float = 0.0) -> None:
        """Start from the given weights (D,) and bias; `Perceptron.zeros` starts from nothing."""
        if weights.dim() != 1:
            raise ValueError(f"weights must have shape (D,); got {tuple(weights.shape)}")
        self.weights = weights.clone()
        self.bias = float(bias)
        self.seen = 0
        # Every change is also summed times the presentations before it: `averaged` needs no more than that.
        self._late_weights = torch.zeros_like(self.weights)
        self._late_bias = 0.0

    @classmethod
    def zeros(cls, features: int, dtype: torch.dtype = torch.float64) -> Perceptron:
        """Return the unit for ``features`` inputs whose weights and bias are 0."""
        return cls(torch.zeros(features, dtype=dtype))

    def score(self, inputs: Tensor) -> Tensor:
        """Return w·x + b: (N, D) -> (N,), or (D,) -> ()."""
        if inputs.shape[-1:] != self.weights.shape:
            raise ValueError(
                f"inputs must end in {len(self.weights)} features, one a weight; got {tuple(inputs.shape)}"
            )
        return inputs @ self.weights + self.bias

    def predict(self, inputs: Tensor) -> Tensor:
        """Return the answers, 0 or 1: (N, D) -> (N,), or (D,) -> ()."""
        return step(self.score(inputs))

    def update(self, x: Tensor, label: int) -> bool:
        """Present one example x (D,) with its label, 0 or 1; return whether the unit was mistaken.

        A mistake adds (label − answer)·x to the weights and (label − answer) to the bias.
        """
        answer = int(float(torch.dot(self.weights, x)) + self.bias > 0)
        error = label - answer  # 1: should have fired; −1: should not have; 0: right
        if error:
            self.weights.add_(x, alpha=error)
            self.bias += error
            self._late_weights.add_(x, alpha=error * self.seen)
            self._late_bias += error * self.seen
        self.seen += 1
        return bool(error)

    def one_pass(self, inputs: Tensor, labels: Tensor, order: Tensor | None = None) -> list[int]:
        """Present every example once; return the indices of those it was mistaken about, in time order.

        Args:
            inputs: (N, D), of the dtype of the weights.
            labels: (N,), of {0, 1}.
            order: (N,), a permutation of the examples; file order if left out.

        Raises:
            ValueError: shapes do not fit, or a label is neither 0 nor 1.

        """
        _check(inputs, labels)
        self.score(inputs[:1])  # the number of features fits
        indices = range(len(inputs)) if order is None else order.tolist()
        examples, answers = inputs.unbind(), labels.tolist()  # taken apart once: N small look-ups are slow
        return [index for index in indices if self.update(examples[index], int(answers[index]))]

    def fit(
        self, inputs: Tensor, labels: Tensor, passes: int, generator: torch.Generator | None = None
    ) -> History:
        """Pass over the examples until a pass has no mistake, or ``passes`` are over.

        Args:
            inputs: (N, D), of the dtype of the weights.
            labels: (N,), of {0, 1}.
            passes: at most so many.
            generator: draws a new order for each pass; file order if left out.

        Returns:
            What happened; the unit itself holds the final weights.

        """
        if passes < 1:
            raise ValueError(f"passes must be at least 1; got {passes}")
        history = History(path=[(self.weights.clone(), self.bias)])
        for _ in range(passes):
            order = None if generator is None else torch.randperm(len(inputs), generator=generator)
            before = history.path[-1]
            wrong = self.one_pass(inputs, labels, order)
            history.mistakes.append(len(wrong))
            for index in wrong:  # the path is the sum of the mistaken examples, so it can be told afterwards
                sign = 2 * int(labels[index]) - 1
                before = (before[0] + sign * inputs[index], before[1] + sign)
                history.path.append(before)
            if not wrong:
                history.converged = True
                break
        return history

    def averaged(self) -> Perceptron:
        """Return the unit whose weights and bias are the mean over all presentations so far.

        A state counts as often as it survived a presentation, as in Freund and Schapire's voted perceptron;
        here states are averaged and then decide once, there they decide and then vote.
        """
        if self.seen == 0:
            raise ValueError("averaged() needs at least one presented example")
        late = self._late_weights / self.seen, self._late_bias / self.seen
        return Perceptron(self.weights - late[0], self.bias - late[1])


@dataclass
class History:
    """What a `Perceptron.fit` went through."""

    path: list[tuple[Tensor, float]]
    """Weights (D,) and bias at the start and after every update."""
    mistakes: list[int] = field(default_factory=list)
    """Mistakes in each pass."""
    converged: bool = False
    """Whether the last pass had no mistake."""


class MulticlassPerceptron:
    """One row of weights a class; the class of the largest score wins.

    A mistake adds the input to the row of the true class and takes it from the row of the class that won.

    Attributes:
        weights: (K, D).
        biases: (K,).
        seen: how many examples have been presented.

    """

    def __init__(self, classes: int, features: int, dtype: torch.dtype = torch.float32) -> None:
        """Start from zeros."""
        if classes < 2 or features < 1:
            raise ValueError(f"needs two classes and one feature; got classes={classes}, features={features}")
        self.weights = torch.zeros(classes, features, dtype=dtype)
        self.biases = torch.zeros(classes, dtype=dtype)
        self.seen = 0
        self._late_weights = torch.zeros_like(self.weights)
        self._late_biases = torch.zeros_like(self.biases)

    def score(self, inputs: Tensor) -> Tensor:
        """Return one score a class: (N, D) -> (N, K), or (D,) -> (K,)."""
        if inputs.shape[-1:] != self.weights.shape[1:]:
            raise ValueError(
                f"inputs must end in {self.weights.shape[1]} features; got {tuple(inputs.shape)}"
            )
        return inputs @ self.weights.T + self.biases

    def predict(self, inputs: Tensor) -> Tensor:
        """Return the class of the largest score, the first of several: (N, D) -> int64 (N,)."""
        return self.score(inputs).argmax(dim=-1)

    def update(self, x: Tensor, label: int) -> bool:
        """Present one example x (D,) with its class; return whether the unit was mistaken."""
        answer = int(torch.addmv(self.biases, self.weights, x).argmax())
        if answer != label:
            for row, sign in ((label, 1), (answer, -1)):
                self.weights[row].add_(x, alpha=sign)
                self.biases[row] += sign
                self._late_weights[row].add_(x, alpha=sign * self.seen)
                self._late_biases[row] += sign * self.seen
        self.seen += 1
        return answer != label

    def one_pass(self, inputs: Tensor, labels: Tensor, order: Tensor | None = None) -> int:
        """Present every example of inputs (N, D) and labels (N,) once, in this order; return the mistakes."""
        _check(inputs, labels, classes=len(self.weights))
        self.score(inputs[:1])
        indices = range(len(inputs)) if order is None else order.tolist()
        examples, answers = inputs.unbind(), labels.tolist()
        return sum(self.update(examples[index], int(answers[index])) for index in indices)

    def averaged(self) -> MulticlassPerceptron:
        """Return the units whose weights and biases are the mean over all presentations so far."""
        if self.seen == 0:
            raise ValueError("averaged() needs at least one presented example")
        classes, features = self.weights.shape
        mean = MulticlassPerceptron(classes, features, self.weights.dtype)
        mean.weights = self.weights - self._late_weights / self.seen
        mean.biases = self.biases - self._late_biases / self.seen
        return mean


@dataclass(frozen=True)
class TwoLayers:
    """Perceptrons that read the inputs, and one perceptron that reads their answers."""

    hidden_weights: Tensor
    """(H, D)."""
    hidden_biases: Tensor
    """(H,)."""
    output_weights: Tensor
    """(H,)."""
    output_bias: float

    def hidden(self, inputs: Tensor) -> Tensor:
        """Return the hidden units' answers: (N, D) -> (N, H)."""
        return step(inputs @ self.hidden_weights.T + self.hidden_biases)

    def predict(self, inputs: Tensor) -> Tensor:
        """Return the last unit's answers: (N, D) -> (N,)."""
        return step(self.hidden(inputs) @ self.output_weights + self.output_bias)


def xor_network(dtype: torch.dtype = torch.float64) -> TwoLayers:
    """Return the network, set by hand, that answers 1 where exactly one of two inputs is 1.

    "x₁ or x₂" is the first hidden unit, "not both" the second, and the last one asks for both.
    """
    return TwoLayers(
        hidden_weights=torch.tensor([[1.0, 1.0], [-1.0, -1.0]], dtype=dtype),
        hidden_biases=torch.tensor([-0.5, 1.5], dtype=dtype),
        output_weights=torch.tensor([1.0, 1.0], dtype=dtype),
        output_bias=-1.5,
    )


# --- does it stop? --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Fate:
    """How learning in a fixed order ends: without mistakes, or in a cycle that it never leaves."""

    converged: bool
    mistakes: int
    """Updates until it converged, or before the first one that belongs to the cycle."""
    cycle: list[tuple[float, ...]]
    """Weights and bias after each update of one turn that begins with a pass; empty if converged."""
    cycle_passes: int
    """Passes over the examples in one turn of the cycle; 0 if converged."""


def fate(inputs: Tensor, labels: Tensor, passes: int = 10_000) -> Fate:
    """Learn in file order from zeros until nothing more can change: both endings are proofs.

    A pass without a mistake is followed by passes without a mistake. And where weights and bias at the start
    of a pass are ones that started an earlier pass, everything in between happens again, for ever.

    Args:
        inputs: (N, D) whole numbers, so that sums are exact and "the same weights" has a meaning.
        labels: (N,), of {0, 1}.
        passes: how long to wait.

    Raises:
        ValueError: inputs are not whole numbers, or shapes do not fit.
        RuntimeError: neither happened in that many passes.

    """
    _check(inputs, labels)
    if not torch.equal(inputs, inputs.round()):
        raise ValueError("fate needs whole numbers as inputs: with rounding, a cycle proves nothing")
    unit = Perceptron.zeros(inputs.shape[1])
    rows = inputs.to(torch.float64)
    started = {_state(unit): (0, 0)}
    states: list[tuple[float, ...]] = []
    where: list[int] = []  # the example that each update corrected
    for number in range(1, passes + 1):
        wrong = False
        for position, (x, label) in enumerate(zip(rows, labels.tolist(), strict=True)):
            if unit.update(x, int(label)):
                wrong = True
                states.append(_state(unit))
                where.append(position)
        if not wrong:
            return Fate(True, len(states), [], 0)
        if _state(unit) in started:
            first_pass, first_update = started[_state(unit)]
            turn = len(states) - first_update
            # The cycle may have been entered in the middle of an earlier pass: walk back while it fits.
            entered = first_update
            while entered and (states[entered - 1], where[entered - 1]) == (
                states[entered - 1 + turn], where[entered - 1 + turn],
            ):  # fmt: skip
                entered -= 1
            return Fate(False, entered, states[first_update:], number - first_pass)
        started[_state(unit)] = (number, len(states))
    raise RuntimeError(f"neither converged nor back in an earlier state within {passes} passes")


def _state(unit: Perceptron) -> tuple[float, ...]:
    return (*unit.weights.tolist(), unit.bias)


# --- margins and the bound ------------------------------------------------------------------------


def margin(inputs: Tensor, labels: Tensor, weights: Tensor, bias: float) -> float:
    """Return the smallest signed distance of an example from the line, negative if one is on the wrong side.

    min over i of sᵢ (w·xᵢ + b) / ‖w‖, in the unit of the inputs: the margin one sees in a drawing. It is
    *not* the γ of Novikoff's bound, which divides by ‖(w, b)‖: that is `homogeneous_margin`.

    Args:
        inputs: (N, D).
        labels: (N,), of {0, 1}.
        weights: (D,), not all zero.
        bias: a number.

    Raises:
        ValueError: shapes or labels do not fit, or the weights are all zero.

    """
    _check(inputs, labels)
    length = float(torch.linalg.vector_norm(weights))
    if length == 0:
        raise ValueError("weights of zero draw no line, so there is no distance to it")
    return float(((2 * labels - 1) * (inputs @ weights + bias)).min()) / length


def homogeneous(inputs: Tensor) -> Tensor:
    """Return the inputs with a constant 1 behind them, so that the bias is one more weight: (N, D) -> (N, D + 1)."""
    return torch.cat([inputs, torch.ones_like(inputs[:, :1])], dim=1)


def homogeneous_margin(inputs: Tensor, labels: Tensor, weights: Tensor, bias: float) -> float:
    """Return min over i of sᵢ (w·xᵢ + b) / ‖(w, b)‖, the margin in the space of `homogeneous` inputs.

    Any separating weights give a lower bound on the maximum margin γ, hence a valid bound (R/γ)².

    Raises:
        ValueError: shapes or labels do not fit, or weights and bias are all zero.

    """
    _check(inputs, labels)
    joint = torch.cat([weights, weights.new_tensor([bias])])
    length = float(torch.linalg.vector_norm(joint))
    if length == 0:
        raise ValueError("weights and bias are all zero: no direction, no margin")
    return float(((2 * labels - 1) * (homogeneous(inputs) @ joint)).min()) / length


def maximum_margin(inputs: Tensor, labels: Tensor) -> tuple[Tensor, float, float]:
    """Return weights (D,), bias, and the largest homogeneous margin γ that any unit reaches on these examples.

    The nearest point to the origin of the convex hull of the vectors sᵢ(xᵢ, 1) is the direction sought, and
    its distance is γ. Non-negative least squares finds it in finitely many steps: over λ ≥ 0, the minimum of
    ‖Σ λᵢsᵢ(xᵢ, 1)‖² + (Σ λᵢ − 1)² lies, up to a factor, at that point. γ is then *measured* with the weights
    found, so rounding can only make it smaller and the bound larger, never invalid.

    Raises:
        ValueError: no unit separates the examples (the nearest point is the origin itself).

    """
    _check(inputs, labels)
    signed = (2 * labels[:, None] - 1).to(torch.float64) * homogeneous(inputs.to(torch.float64))  # (N, D+1)
    scale = float(torch.linalg.vector_norm(signed, dim=1).max())
    columns = torch.cat([signed.T / scale, torch.ones(1, len(signed), dtype=torch.float64)])  # (D+2, N)
    target = torch.zeros(len(columns), dtype=torch.float64)
    target[-1] = 1.0
    shares, _ = nnls(columns.numpy(), target.numpy())
    joint = signed.T @ torch.from_numpy(shares)  # (D+1,)
    gamma = float((signed @ joint).min()) / max(float(torch.linalg.vector_norm(joint)), 1e-300)
    if gamma <= 1e-9 * scale:
        raise ValueError("these examples cannot be separated: no weights and bias get all of them right")
    return joint[:-1], float(joint[-1]), gamma


@dataclass(frozen=True)
class Bound:
    """Novikoff's bound: from zeros, in any order, at most (R/γ)² mistakes."""

    radius: float
    """R: the largest ‖(x, 1)‖, the constant input of the bias included."""
    gamma: float
    """γ: a homogeneous margin that some unit reaches; the largest one gives the smallest bound."""

    @property
    def mistakes(self) -> float:
        """(R/γ)²."""
        return (self.radius / self.gamma) ** 2


def novikoff_bound(inputs: Tensor, labels: Tensor, separator: tuple[Tensor, float] | None = None) -> Bound:
    """Return the bound on the mistakes of a perceptron that starts from zeros.

    Args:
        inputs: (N, D).
        labels: (N,), of {0, 1}.
        separator: weights (D,) and bias known to separate: valid, but looser. Left out, the best are computed.

    Raises:
        ValueError: the examples, or the separator given, do not separate.

    """
    radius = float(torch.linalg.vector_norm(homogeneous(inputs), dim=1).max())
    if separator is None:
        return Bound(radius, maximum_margin(inputs, labels)[2])
    gamma = homogeneous_margin(inputs, labels, *separator)
    if gamma <= 0:
        raise ValueError(f"the separator given gets an example wrong: its margin is {gamma:g}")
    return Bound(radius, gamma)


def _check(inputs: Tensor, labels: Tensor, classes: int = 2) -> None:
    if inputs.dim() != 2 or labels.shape != inputs.shape[:1] or len(inputs) == 0:
        raise ValueError(
            f"needs inputs (N, D) and labels (N,) with N ≥ 1; got {tuple(inputs.shape)} and {tuple(labels.shape)}"
        )
    known = torch.arange(classes).to(labels.dtype)
    if not torch.isin(labels, known).all():
        raise ValueError(f"labels must be among 0 … {classes - 1}; got {sorted(set(labels.tolist()))[:5]}")
