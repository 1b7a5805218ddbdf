"""Judging an answer to an exercise: right, or what is wrong with it, and never the answer itself.

Used by every ``groundtruth.exercises.<slug>``, and through them by the notebooks and the tests. A chapter's
module holds a dictionary of `Exercise`, and ``check(name, answer)`` that `checks_of` makes of it.

Three rules hold for all kinds of answer. A wrong answer of any type is an answer and gets a `Feedback`, never a
traceback. No message contains an expected value. Nothing outside is changed: hidden inputs come from a
generator of their own, and the global generators of Python, NumPy and PyTorch are put back after a
reader's function has run.
"""

from __future__ import annotations

import copy
import inspect
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch

UNFINISHED = "This is still unfinished: there is a `...` left to fill in."
UNREADABLE = "This answer cannot be read. Hand in exactly what the exercise asks for: type, order and shape."


class UnknownExerciseError(LookupError):
    """The chapter has no exercise of this name; the message lists those that it has."""


class NotRightError(Exception):
    """What is wrong with an answer, in a sentence or two for the reader. `judge` turns it into `Feedback`."""


@dataclass(frozen=True, repr=False)
class Feedback:
    """What a check says. It is true where the answer is right, and prints as one line."""

    right: bool
    message: str

    def __bool__(self) -> bool:
        return self.right

    def __repr__(self) -> str:
        return f"{'✓ Right.' if self.right else '✗'} {self.message}".rstrip()


class Answer(Protocol):
    """A kind of answer: it knows what is right and can tell what is wrong."""

    def judge(self, answer: object) -> str | None:
        """Return more to say about a right answer, or None.

        Raises:
            NotRightError: the answer is wrong.

        """


@dataclass(frozen=True)
class Exercise:
    """One exercise of a chapter."""

    answer: Answer
    praise: str = ""
    """What a right answer shows; printed behind "Right."."""
    code: bool = True
    """Whether it takes code or a changed experiment, and not only pencil and paper."""


def judge(exercises: Mapping[str, Exercise], name: str, answer: object) -> Feedback:
    """Judge the answer to the exercise of this name. Whatever the answer is, the result is a `Feedback`.

    A reader's function that never returns is the one thing that this cannot turn into a sentence.

    Raises:
        UnknownExerciseError: there is no such exercise.

    """
    if not isinstance(name, str) or name not in exercises:
        raise UnknownExerciseError(f"unknown exercise {name!r}; this chapter has: {', '.join(exercises)}")
    exercise = exercises[name]
    try:
        if is_unfinished(answer):
            raise NotRightError(UNFINISHED)
        more = exercise.answer.judge(answer)
    except NotRightError as wrong:
        return Feedback(False, str(wrong))
    except Exception:
        # An object may raise from anywhere when it is looked at. Its own words are left out: they could come
        # from our side of the comparison and hold the answer.
        return Feedback(False, UNREADABLE)
    return Feedback(True, " ".join(filter(None, (more, exercise.praise))))


def checks_of(exercises: Mapping[str, Exercise]) -> Callable[[str, object], Feedback]:
    """Return ``check(name, answer)`` of a chapter: what its readers call, and what `judge` answers."""

    def check(name: str, answer: object) -> Feedback:
        """Say whether the answer to an exercise of this chapter is right, or what is wrong with it.

        Raises:
            UnknownExerciseError: the chapter has no exercise of this name.

        """
        return judge(exercises, name, answer)

    return check


# --- reading ---------------------------------------------------------------------------------------------


def is_unfinished(answer: object, depth: int = 4) -> bool:
    """Whether a `...` is left anywhere in the answer, down to a depth of nesting."""
    if answer is ... or (isinstance(answer, str) and answer.strip() == "..."):
        return True
    if depth == 0:
        return False
    if isinstance(answer, dict):
        return any(is_unfinished(value, depth - 1) for value in answer.values())
    if isinstance(answer, list | tuple):
        return any(is_unfinished(value, depth - 1) for value in answer)
    if isinstance(answer, np.ndarray) and answer.dtype == object:
        return any(value is ... for value in answer.flat)
    return False


def describe(shape: Sequence[int | None]) -> str:
    """Return a shape in words: ``a single number``, or ``shape (N, 3)`` where the first size is free."""
    if not shape:
        return "a single number"
    sizes = ["N" if size is None else str(size) for size in shape]
    return f"shape ({', '.join(sizes)}{',' if len(sizes) == 1 else ''})"


def kind_of(answer: object) -> str:
    """Return what a reader would call this object."""
    if answer is None:
        return "None"
    if isinstance(answer, bool | np.bool_):
        return "a truth value"
    if isinstance(answer, str):
        return "text"
    if isinstance(answer, dict):
        return "a dictionary"
    if isinstance(answer, int | float | complex | np.number):
        return "a number"
    if isinstance(answer, list | tuple):
        return f"a {type(answer).__name__} of {len(answer)}"
    if isinstance(answer, torch.Tensor | np.ndarray):
        return f"one array or tensor, {describe(tuple(answer.shape))}"
    if callable(answer):
        return "a function"
    return f"an object of type {type(answer).__name__}"


def _without_tensors(answer: object, depth: int = 8) -> object:
    # NumPy reads neither tensors that carry a gradient nor bfloat16, and lists of tensors only slowly.
    if isinstance(answer, torch.Tensor):
        values = answer.detach().cpu()
        return values.to(torch.float64).numpy() if values.is_floating_point() else values.numpy()
    if isinstance(answer, list | tuple) and depth:
        return [_without_tensors(value, depth - 1) for value in answer]
    return answer


def read(
    answer: object,
    shape: Sequence[int | None] | None = None,
    *,
    what: str = "The answer",
    booleans: bool = False,
) -> np.ndarray:
    """Return the numbers in an answer as a float64 array.

    ``shape`` is what is wanted, None standing for any size; a single number may come as an array with one
    entry. ``what`` is the subject of the sentences. Truth values count as 0 and 1 only with ``booleans``.

    Raises:
        NotRightError: it is not made of finite numbers, or has another shape.

    """
    if is_unfinished(answer):
        raise NotRightError(UNFINISHED)
    if answer is None:
        raise NotRightError(f"{what} is None. Is a `return` missing, or a value not yet filled in?")
    wanted = "numbers" if shape is None or len(shape) else "a number"
    if isinstance(answer, str | bytes | dict | set | frozenset) or (
        callable(answer) and not isinstance(answer, torch.Tensor)
    ):
        raise NotRightError(f"{what} should be {wanted}, and is {kind_of(answer)}.")
    try:
        values = np.asarray(_without_tensors(answer))
    except ValueError:
        raise NotRightError(f"{what} is ragged: its rows do not all have the same length.") from None
    if values.dtype.kind == "b" and not booleans:
        raise NotRightError(f"{what} should be {wanted}, and holds truth values (True or False).")
    if values.dtype.kind == "c":
        raise NotRightError(f"{what} holds complex numbers; real numbers are wanted.")
    if values.dtype.kind not in "biuf":
        kind = kind_of(answer) if values.ndim == 0 else "entries that are no numbers"
        verb = "is" if values.ndim == 0 else "holds"
        raise NotRightError(f"{what} should be {wanted}, and {verb} {kind}.")
    if shape is not None:
        if len(shape) == 0 and values.size == 1:
            values = values.reshape(())
        match_shape(values.shape, shape, what=what)
    values = values.astype(np.float64)
    if np.isnan(values).any():
        raise NotRightError(f"{what} holds NaN (not a number). Look for 0/0, ∞ − ∞, or a logarithm of zero.")
    if np.isinf(values).any():
        raise NotRightError(
            f"{what} is infinite somewhere. Look for a division by zero, or a sum that overflows."
        )
    return values


def match_shape(got: Sequence[int], wanted: Sequence[int | None], *, what: str = "The answer") -> None:
    """Compare two shapes, None standing for any size.

    Raises:
        NotRightError: they differ; the sentence names both, and says so where one is the other transposed.

    """

    def fits(sizes: Sequence[int]) -> bool:
        return len(sizes) == len(wanted) and all(w in (None, s) for s, w in zip(sizes, wanted, strict=True))

    if fits(got):
        return
    message = f"{what} should have {describe(wanted)}, and has {describe(got)}."
    if not wanted:
        message = f"{what} should be a single number, and has {describe(got)}."
    elif not got:
        message = f"{what} should have {describe(wanted)}, and is a single number."
    if len(got) > 1 and fits(tuple(reversed(got))):
        message += " It looks transposed: rows and columns have changed places."
    elif fits([size for size in got if size != 1]) and len(got) > len(wanted):
        message += " There is an axis of size 1 too many."
    raise NotRightError(message)


# --- comparing -------------------------------------------------------------------------------------------


def _close(got: np.ndarray, expected: np.ndarray, rtol: float, atol: float) -> bool:
    return got.shape == expected.shape and bool(np.allclose(got, expected, rtol=rtol, atol=atol))


def difference(got: np.ndarray, expected: np.ndarray, rtol: float, atol: float) -> str | None:
    """Return what is wrong with numbers of the right shape, or None where they agree within the tolerance.

    The sentence names the kind of mistake (sign, order, scale, off by one), never a value.
    """

    def close(a: np.ndarray, b: np.ndarray) -> bool:
        return _close(a, b, rtol, atol)

    if close(got, expected):
        return None
    single = expected.size == 1
    if close(-got, expected):
        return "The size is right, the sign is flipped." if single else "Every sign is flipped."
    if close(np.abs(got), np.abs(expected)):
        return "The sizes are right; some of the signs are not."
    if got.ndim == 2 and close(got.T, expected):
        return "It is right when transposed: rows and columns have changed places."
    whole = bool(np.all(expected == np.round(expected)))
    if whole and (close(got + 1, expected) or close(got - 1, expected)):
        return "It is off by one. Check where the counting starts and ends."
    if single:
        return _single_difference(float(got.item()), float(expected.item()), rtol, atol)
    if not got.any():
        return "It is zero everywhere."
    if expected.any():
        factor = float((got * expected).sum() / (expected * expected).sum())
        if factor != 0 and close(got / factor, expected):
            return "It is right up to scale: every entry is off by the same factor."
    if close(got - (got - expected).mean(), expected):
        return "Every entry is off by the same amount."
    if close(np.sort(got, axis=None), np.sort(expected, axis=None)):
        return "The values are right, and their order is not."
    wrong = ~np.isclose(got, expected, rtol=rtol, atol=atol)
    first = tuple(int(i) for i in np.argwhere(wrong)[0])
    position = first[0] if len(first) == 1 else first
    return f"{wrong.size - int(wrong.sum())} of {wrong.size} entries are right; the first wrong one is at {position}."


def _single_difference(got: float, expected: float, rtol: float, atol: float) -> str:
    def close(a: float) -> bool:
        return bool(np.isclose(a, expected, rtol=rtol, atol=atol))

    # Factors that have a usual cause. Any other ratio says nothing, and naming it would tell the answer.
    for factor, cause in (
        (100.0, "a percentage against a fraction"),
        (2.0, "a half forgotten, or one too many"),
    ):
        if got != 0 and (close(got * factor) or close(got / factor)):
            return f"It is off by a constant factor: {cause}?"
    if got > 0 and (close(got**0.5) or close(got * got)):
        return "It is off by a square: is a square or a square root missing, or one too many?"
    if got != 0 and close(1 / got):
        return "It is upside down: the two sides of a division have changed places."
    if abs(got - expected) < 0.01 * abs(expected):
        return "It is close, but not within the tolerance: keep more digits."
    return "It is too large." if got > expected else "It is too small."


# --- kinds of answer -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Numeric:
    """A number, or an array of numbers of one shape: Python numbers, lists, NumPy arrays or tensors."""

    expected: Callable[[], object]
    """Computes the right answer, when it is needed."""
    rtol: float = 1e-3
    atol: float = 1e-6
    traps: Mapping[str, Callable[[], object]] | None = None
    """Known wrong answers: what to say, and how the value comes about."""
    booleans: bool = False
    what: str = "The answer"

    def judge(self, answer: object) -> str | None:
        """See `Answer.judge`."""
        expected = np.asarray(_without_tensors(self.expected()), dtype=np.float64)
        got = read(answer, expected.shape, what=self.what, booleans=self.booleans)
        if _close(got, expected, self.rtol, self.atol):
            return None
        for sentence, value in (self.traps or {}).items():
            if _close(got, np.asarray(value(), dtype=np.float64), self.rtol, self.atol):
                raise NotRightError(sentence)
        raise NotRightError(f"{self.what} is not right. {difference(got, expected, self.rtol, self.atol)}")


@dataclass(frozen=True)
class Choice:
    """One word out of several that the exercise names."""

    options: tuple[str, ...]
    expected: Callable[[], str]
    hints: Mapping[str, str] | None = None
    """What to say to a wrong option."""

    def judge(self, answer: object) -> str | None:
        """See `Answer.judge`."""
        if not isinstance(answer, str):
            raise NotRightError(
                f"One of the words {self._listed()} is wanted, and this is {kind_of(answer)}."
            )
        word = answer.strip().lower()
        if word not in self.options:
            raise NotRightError(f"This is none of the words to choose from: {self._listed()}.")
        if word != self.expected():
            raise NotRightError((self.hints or {}).get(word, "That is not what happens."))
        return None

    def _listed(self) -> str:
        return ", ".join(repr(option) for option in self.options)


@dataclass(frozen=True)
class Parts:
    """A dictionary whose entries are answers of their own; the first wrong one is reported by its name."""

    parts: Mapping[str, Answer]

    def judge(self, answer: object) -> str | None:
        """See `Answer.judge`."""
        if not isinstance(answer, dict):
            wanted = ", ".join(repr(name) for name in self.parts)
            raise NotRightError(
                f"A dictionary with the keys {wanted} is wanted, and this is {kind_of(answer)}."
            )
        missing = [repr(name) for name in self.parts if name not in answer]
        if missing:
            raise NotRightError(f"The dictionary lacks: {', '.join(missing)}.")
        for name, part in self.parts.items():
            try:
                part.judge(answer[name])
            except NotRightError as wrong:
                raise NotRightError(f"[{name}] {wrong}") from None
        return None


@dataclass(frozen=True)
class Predicate:
    """Any answer that behaves rightly, where there are many: the test looks at what it does."""

    test: Callable[[object], str | None]
    """As `Answer.judge`."""

    def judge(self, answer: object) -> str | None:
        """See `Answer.judge`."""
        return self.test(answer)


@dataclass(frozen=True)
class Function:
    """A function that returns what the reference returns, on hidden inputs, and leaves its inputs alone."""

    reference: Callable[..., object]
    """Its parameter names are those that a reader sees in messages."""
    inputs: Callable[[torch.Generator], Sequence[tuple[object, ...]]]
    """Makes the arguments of all hidden calls."""
    returns: tuple[str, ...] = ()
    """Names of the results where the reference returns a tuple of several."""
    rtol: float = 1e-4
    atol: float = 1e-6
    traps: Mapping[str, Callable[..., object]] | None = None
    """Known wrong functions: what to say, and the function."""
    booleans: bool = False
    seed: int = 20_240_229

    def judge(self, answer: object) -> str | None:
        """See `Answer.judge`."""
        names = tuple(inspect.signature(self.reference).parameters)
        cases = list(self.inputs(torch.Generator().manual_seed(self.seed)))
        got = [self._results(call(answer, case, names)) for case in cases]
        expected = [self._expected(self.reference, case) for case in cases]
        for case, ours, theirs in zip(cases, expected, got, strict=True):
            for label, wanted, values in zip(self._labels(), ours, theirs, strict=True):
                if wanted.size == values.size == 1 and wanted.ndim == 0:
                    continue  # a single number may come in an array
                try:
                    match_shape(values.shape, wanted.shape, what=label)
                except NotRightError as wrong:
                    raise NotRightError(f"{wrong} {_given(case, names)}") from None
        right = [self._agree(ours, theirs) for ours, theirs in zip(expected, got, strict=True)]
        if all(right):
            return None
        for sentence, wrong_function in (self.traps or {}).items():
            trapped = (self._expected(wrong_function, case) for case in cases)
            if all(self._agree(a, b) for a, b in zip(trapped, got, strict=True)):
                raise NotRightError(sentence)
        raise NotRightError(self._explain(expected, got, right))

    def _labels(self) -> tuple[str, ...]:
        return tuple(f"The returned `{name}`" for name in self.returns) or ("What your function returns",)

    def _results(self, result: object) -> list[np.ndarray]:
        labels = self._labels()
        if not self.returns:
            return [read(result, what=labels[0], booleans=self.booleans)]
        if not isinstance(result, list | tuple) or len(result) != len(labels):
            wanted = ", ".join(self.returns)
            raise NotRightError(f"Your function should return ({wanted}), and it returns {kind_of(result)}.")
        return [read(r, what=w, booleans=self.booleans) for r, w in zip(result, labels, strict=True)]

    def _expected(self, function: Callable[..., object], case: tuple[object, ...]) -> list[np.ndarray]:
        result = function(*copy.deepcopy(case))
        parts = result if self.returns and isinstance(result, tuple) else (result,)
        return [np.asarray(_without_tensors(part), dtype=np.float64) for part in parts]

    def _agree(self, ours: list[np.ndarray], theirs: list[np.ndarray]) -> bool:
        return all(
            _close(b.reshape(a.shape) if a.size == b.size else b, a, self.rtol, self.atol)
            for a, b in zip(ours, theirs, strict=True)
        )

    def _explain(
        self, expected: list[list[np.ndarray]], got: list[list[np.ndarray]], right: list[bool]
    ) -> str:
        # A kind of mistake is named only where every wrong call shows it; one call alone may be an accident.
        count = f"It is right in {sum(right)} of {len(right)} hidden calls."
        for part, label in enumerate(self._labels()):
            found = [
                difference(b[part].reshape(a[part].shape), a[part], self.rtol, self.atol)
                for a, b in zip(expected, got, strict=True)
            ]
            said = {sentence for sentence in found if sentence}
            if len(said) == 1:
                return f"{label} is not right. {said.pop()} {count}"
            if said:
                return f"{label} is not right. {count}"
        return f"What your function returns is not right. {count}"


def call(function: object, arguments: Sequence[object], names: Sequence[str]) -> object:
    """Call a reader's function with copies of the arguments, and return its result.

    ``names`` are those of its parameters, for the messages.

    Raises:
        NotRightError: it is no function, takes other parameters, raises, or changes what it was given.

    """
    signature = f"({', '.join(names)})"
    if not callable(function) or isinstance(function, torch.Tensor):
        hint = "" if function is None else " Hand in the function's name, without brackets behind it."
        raise NotRightError(f"A function of {signature} is wanted, and this is {kind_of(function)}.{hint}")
    try:
        inspect.signature(function).bind(*arguments)
    except TypeError:
        raise NotRightError(
            f"Your function should take {len(names)} argument(s), {signature}, by position."
        ) from None
    except ValueError:  # a built-in function that does not tell its parameters
        pass
    given = copy.deepcopy(list(arguments))
    try:
        with untouched_generators():
            result = function(*given)
    except (Exception, SystemExit) as error:
        raise NotRightError(f"Your function raised {_words(error)} {_given(arguments, names)}") from None
    for name, before, after in zip(names, arguments, given, strict=True):
        if not _same(before, after):
            raise NotRightError(
                f"Your function changes its input `{name}`. Work on a copy: `{name} = {name} + …`, not `{name} += …`."
            )
    if result is None or result is ...:
        raise NotRightError("Your function returns nothing. Is it unfinished, or is a `return` missing?")
    return result


@contextmanager
def untouched_generators() -> Iterator[None]:
    """Put the global generators of Python, NumPy and PyTorch (CPU) back as they were."""
    python, numpy, pytorch = random.getstate(), np.random.get_state(), torch.get_rng_state()  # noqa: NPY002
    try:
        yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)  # noqa: NPY002
        torch.set_rng_state(pytorch)


def _words(error: BaseException) -> str:
    try:
        text = " ".join(str(error).split())
    except Exception:  # an exception may fail at telling what it is
        text = ""
    text = text if len(text) <= 200 else text[:200] + "…"
    return f"{type(error).__name__}: {text.rstrip('.')}." if text else f"{type(error).__name__}."


def _given(arguments: Sequence[object], names: Sequence[str]) -> str:
    told = []
    for name, argument in zip(names, arguments, strict=True):
        if isinstance(argument, torch.Tensor | np.ndarray):
            told.append(f"`{name}` of {describe(tuple(argument.shape))}")
        else:
            told.append(f"`{name}` = {argument!r}")
    return f"(It was called with {', '.join(told)}.)"


def _same(before: object, after: object) -> bool:
    if isinstance(before, torch.Tensor) and isinstance(after, torch.Tensor):
        return before.shape == after.shape and bool(torch.equal(before, after))
    if isinstance(before, np.ndarray) and isinstance(after, np.ndarray):
        return bool(np.array_equal(before, after))
    if isinstance(before, list | tuple) and isinstance(after, list | tuple):
        return len(before) == len(after) and all(_same(a, b) for a, b in zip(before, after, strict=True))
    return bool(before == after)
