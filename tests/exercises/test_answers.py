"""What the shared checks say: every kind of mistake is named, none raises, none tells the answer."""

import random
import sys

import numpy as np
import pytest
import torch

from groundtruth.exercises.answers import (
    Choice,
    Exercise,
    Feedback,
    Function,
    NotRightError,
    Numeric,
    Parts,
    Predicate,
    UnknownExerciseError,
    judge,
    match_shape,
    read,
)

NUMBER = 7.3519
MATRIX = np.array([[1.25, -2.5, 3.75], [4.5, 0.625, -6.125]])
SQUARE = np.array([[1.25, -2.5], [4.5, 0.625]])


def affine(weights, inputs, bias):
    return inputs @ weights + bias


def affine_calls(generator):
    return [
        (torch.randn(d, generator=generator), torch.randn(n, d, generator=generator), 0.5 * d)
        for n, d in ((4, 2), (3, 5), (6, 3))
    ]


def split(x):
    return x * 2, x.sum()


def accept_even(answer):
    value = read(answer, ())
    if value % 2:
        raise NotRightError("It is odd.")
    return "Even indeed."


EXERCISES = {
    "number": Exercise(
        Numeric(lambda: NUMBER, traps={"You forgot the shift.": lambda: NUMBER - 3.3}), "Well done."
    ),
    "count": Exercise(Numeric(lambda: 12)),
    "matrix": Exercise(Numeric(lambda: MATRIX)),
    "square": Exercise(Numeric(lambda: torch.tensor(SQUARE))),
    "word": Exercise(Choice(("up", "down", "level"), lambda: "level", {"up": "Look at the sign."})),
    "parts": Exercise(Parts({"slope": Numeric(lambda: NUMBER), "way": Choice(("up", "down"), lambda: "up")})),
    "even": Exercise(Predicate(accept_even)),
    "affine": Exercise(
        Function(
            affine,
            affine_calls,
            traps={"The bias is missing.": lambda weights, inputs, bias: inputs @ weights},
        )
    ),
    "split": Exercise(
        Function(split, lambda g: [(torch.randn(3, generator=g),) for _ in range(3)], ("double", "sum"))
    ),
}

RIGHT = {
    "number": [
        7.352,
        np.float32(7.3519),
        torch.tensor(7.3519),
        [7.3519],
        torch.tensor([7.3519], requires_grad=True),
    ],
    "count": [12, 12.0, torch.tensor(12), np.int8(12)],
    "matrix": [MATRIX, MATRIX.tolist(), torch.tensor(MATRIX), [torch.tensor(row) for row in MATRIX]],
    "square": [SQUARE, torch.tensor(SQUARE).float(), torch.tensor(SQUARE).bfloat16()],
    "word": ["level", " Level "],
    "parts": [{"slope": 7.352, "way": "up", "more": None}],
    "even": [4, torch.tensor(-2.0)],
    "affine": [
        affine,
        lambda w, x, b: x.numpy() @ w.numpy() + b,
        lambda w, x, b: [float(r @ w) + b for r in x],
    ],
    "split": [split, lambda x: [2 * x.numpy(), x.numpy().sum()], lambda x: (2 * x, x.sum(0, keepdim=True))],
}


@pytest.mark.parametrize(("name", "answer"), [(n, a) for n, answers in RIGHT.items() for a in answers])
def test_right_answers_are_right(name, answer):
    feedback = judge(EXERCISES, name, answer)
    assert feedback.right, feedback
    assert feedback
    assert repr(feedback).startswith("✓ Right.")


def test_feedback_reads_as_a_sentence():
    assert repr(judge(EXERCISES, "number", NUMBER)) == "✓ Right. Well done."
    assert repr(judge(EXERCISES, "even", 2)) == "✓ Right. Even indeed."
    assert repr(judge(EXERCISES, "even", 3)) == "✗ It is odd."
    assert not judge(EXERCISES, "even", 3)
    with pytest.raises(AttributeError):
        Feedback(True, "").right = False


def raises(w, x, b):
    raise ValueError("no such thing")


def leaves(w, x, b):
    raise SystemExit(3)


def changes(w, x, b):
    x *= 2
    return x @ w + b


WRONG = [
    ("number", ..., "unfinished"),
    ("number", "...", "unfinished"),
    ("matrix", [[1, 2, ...], [1, 2, 3]], "unfinished"),
    ("parts", {"slope": ..., "way": "up"}, "unfinished"),
    ("number", None, "None"),
    ("number", "7", "should be a number, and is text"),
    ("number", True, "truth value"),
    ("number", {}, "a dictionary"),
    ("number", affine, "a function"),
    ("number", 1 + 2j, "complex"),
    ("number", object(), "an object of type object"),
    ("number", float("nan"), "NaN"),
    ("number", -float("inf"), "infinite"),
    ("number", [1.0, 2.0], "single number"),
    ("number", -NUMBER, "sign is flipped"),
    ("number", 100 * NUMBER, "percentage"),
    ("number", NUMBER / 2, "half"),
    ("number", NUMBER**2, "square"),
    ("number", 1 / NUMBER, "upside down"),
    ("number", NUMBER + 0.03, "more digits"),
    ("number", 5.0, "too small"),
    ("number", 9.0, "too large"),
    ("number", NUMBER - 3.3, "You forgot the shift."),
    ("count", 11, "off by one"),
    ("count", 13, "off by one"),
    ("matrix", 3.0, "should have shape (2, 3), and is a single number"),
    ("matrix", MATRIX.T, "transposed"),
    ("matrix", MATRIX[None], "axis of size 1"),
    ("matrix", np.ones((4, 5)), "should have shape (2, 3), and has shape (4, 5)"),
    ("matrix", [[1, 2, 3], [4]], "ragged"),
    ("matrix", -MATRIX, "Every sign is flipped"),
    ("matrix", abs(MATRIX), "some of the signs"),
    ("matrix", 3.1 * MATRIX, "up to scale"),
    ("matrix", MATRIX + 0.3, "off by the same amount"),
    ("matrix", MATRIX[::-1], "order is not"),
    ("matrix", 0 * MATRIX, "zero everywhere"),
    (
        "matrix",
        MATRIX + np.array([[0, 0, 0], [0, 0.3, 0]]),
        "5 of 6 entries are right; the first wrong one is at (1, 1)",
    ),
    ("matrix", MATRIX * np.nan, "NaN"),
    ("matrix", [["a", "b", "c"]] * 2, "no numbers"),
    ("matrix", MATRIX > 0, "truth values"),
    ("square", SQUARE.T, "right when transposed"),
    ("word", "sideways", "none of the words"),
    ("word", "up", "Look at the sign."),
    ("word", "down", "not what happens"),
    ("word", 3, "a number"),
    ("parts", [7.3, "up"], "dictionary"),
    ("parts", {"slope": 7.3519}, "lacks: 'way'"),
    ("parts", {"slope": -7.3519, "way": "up"}, "[slope] The answer is not right. The size is right"),
    ("parts", {"slope": 7.3519, "way": "down"}, "[way]"),
    ("affine", None, "A function of (weights, inputs, bias) is wanted, and this is None."),
    ("affine", 3.0, "without brackets"),
    ("affine", lambda w, x: x @ w, "should take 3 argument(s), (weights, inputs, bias)"),
    ("affine", raises, "raised ValueError: no such thing. (It was called with `weights` of shape (2,)"),
    ("affine", leaves, "raised SystemExit"),
    ("affine", changes, "changes its input `inputs`"),
    ("affine", lambda w, x, b: None, "returns nothing"),
    ("affine", lambda w, x, b: ..., "returns nothing"),
    ("affine", lambda w, x, b: "text", "is text"),
    ("affine", lambda w, x, b: x @ w / 0, "infinite"),
    ("affine", lambda w, x, b: (x @ w + b)[:, None], "axis of size 1"),
    (
        "affine",
        lambda w, x, b: x[0] @ w,
        "should have shape (4,), and is a single number. (It was called with",
    ),
    ("affine", lambda w, x, b: x @ w, "The bias is missing."),
    ("affine", lambda w, x, b: -(x @ w + b), "Every sign is flipped. It is right in 0 of 3"),
    ("affine", lambda w, x, b: 1.7 * (x @ w + b), "up to scale"),
    ("affine", lambda w, x, b: x @ w + 1, "right in 1 of 3"),
    (
        "split",
        lambda x: 2 * x,
        "should return (double, sum), and it returns one array or tensor, shape (3,).",
    ),
    (
        "split",
        lambda x: (2 * x, -x.sum()),
        "The returned `sum` is not right. The size is right, the sign is flipped.",
    ),
    ("split", lambda x: (x, x.sum()), "The returned `double` is not right. It is right up to scale"),
]


@pytest.mark.parametrize(("name", "answer", "said"), WRONG)
def test_wrong_answers_are_told_what_is_wrong(name, answer, said):
    feedback = judge(EXERCISES, name, answer)
    assert not feedback.right
    assert said in feedback.message
    assert repr(feedback).startswith("✗ ")


class Hostile:
    """Raises whenever it is looked at."""

    def _refuse(self, *args, **kwargs):
        raise RuntimeError("looked at")

    __repr__ = __str__ = __len__ = __iter__ = __array__ = __float__ = __eq__ = __bool__ = __getitem__ = (
        _refuse
    )
    __hash__ = None


class HostileCallable(Hostile):
    def __call__(self, *args):
        raise UnspeakableError


class UnspeakableError(Exception):
    def __str__(self):
        raise RuntimeError("cannot say")


def endless(*args):
    return endless(*args)


def circle():
    knot = []
    knot.append(knot)
    return knot


NASTY = [
    None, ..., "...", "", "7.3519 ", b"7", object(), object, type, int, print, len, max, np.sum, torch.sum,
    float("nan"), float("inf"), -0.0, 1e308, -1e308, 10**400, True, False, np.bool_(True), 1j,
    [], (), {}, set(), [[]], [[1], [1, 2]], [None], [...], [object()], ["a", 1], {"slope": []}, {"way": 3}, {1: 2},
    {"slope": None, "way": None}, np.array([]), np.array(None), np.array("x"), np.array([1, None], dtype=object),
    np.zeros((0, 3)), np.zeros(2, dtype="datetime64[s]"), np.ma.masked_all(3), np.ones((1000, 1000)),
    np.zeros((1,) * 20), torch.zeros(0), torch.tensor(True), torch.ones(1000, 1000), torch.ones(3, device="meta"),
    torch.tensor([1 + 1j]), torch.ones(3).to_sparse(), torch.ones(3, requires_grad=True), torch.nn.Linear(2, 2),
    list(range(100_000)), circle(), range(3), iter([1]), (i for i in range(3)), Hostile(), Hostile, HostileCallable(),
    [Hostile()], {"slope": Hostile(), "way": Hostile()}, endless, lambda: 1, lambda *a: a, lambda *a: None,
    lambda *a: iter(a), lambda *a: Hostile(), lambda *a: circle(), lambda *a: 1 / 0, lambda *a: {}, lambda *a: [],
    lambda *a: [[1], [2, 3]], lambda *a: (1, 2), lambda *a: torch.ones(3, device="meta"), lambda *a: "nan",
    lambda *a: a[0].resize_(0), lambda *a: sys.exit(), lambda *a: np.zeros((2, 2, 2)), lambda *, a: 1, lambda **k: k,
]  # fmt: skip


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", EXERCISES)
def test_no_answer_raises(name):
    for answer in NASTY:
        feedback = judge(EXERCISES, name, answer)
        assert isinstance(feedback, Feedback)
        assert isinstance(repr(feedback), str)
        assert len(feedback.message) < 600


@pytest.mark.filterwarnings("ignore")
def test_nothing_nasty_is_right():
    for name in EXERCISES:
        for answer in NASTY:
            right = judge(EXERCISES, name, answer).right
            assert not right or (name == "even" and float(np.asarray(answer).item()) % 2 == 0), (name, answer)


def test_no_message_holds_an_expected_value():
    generator = np.random.default_rng(0)
    secret = {
        "number": ["7.35"],
        "matrix": [f"{abs(v):g}" for v in MATRIX.flat],
        "count": ["12"],
        "split": [],
        "affine": [],
    }
    answers = {
        "number": [*(NUMBER * generator.normal(size=300)), *(NUMBER + generator.normal(size=300) / 50)],
        "matrix": [
            MATRIX * generator.integers(-2, 3, MATRIX.shape) + s for s in generator.integers(-2, 3, 300)
        ],
        "count": [n for n in range(-200, 300) if n != 12],
    }
    answers |= {
        name: [answer for n, answer, _ in WRONG if n == name] + answers.get(name, []) for name in secret
    }
    expected = [affine(*case) for case in affine_calls(torch.Generator().manual_seed(20_240_229))]
    secret["affine"] = [f"{abs(float(v)):.4f}" for values in expected for v in values]
    for name, given in answers.items():
        for answer in given:
            feedback = judge(EXERCISES, name, answer)
            if feedback.right:
                continue
            for value in secret[name]:
                assert value not in feedback.message, (name, answer, feedback)


def test_an_unknown_name_lists_the_names():
    for name in ("nmber", 3, None, [1]):
        with pytest.raises(UnknownExerciseError, match=r"this chapter has: number, count, matrix"):
            judge(EXERCISES, name, 1)


def test_a_fault_of_a_check_stays_inside():
    broken = {
        "x": Exercise(Predicate(lambda answer: 1 / 0)),
        "y": Exercise(Numeric(lambda: int("secret 42"))),
    }
    for name in broken:
        feedback = judge(broken, name, 1)
        assert not feedback.right
        assert "secret" not in feedback.message


def test_global_generators_are_left_alone():
    def greedy(weights, inputs, bias):
        torch.manual_seed(1)
        np.random.seed(1)  # noqa: NPY002
        random.seed(1)
        return affine(weights, inputs, bias)

    before = torch.get_rng_state(), np.random.get_state()[1].copy(), random.getstate()  # noqa: NPY002
    assert judge(EXERCISES, "affine", greedy)
    assert torch.equal(torch.get_rng_state(), before[0])
    assert (np.random.get_state()[1] == before[1]).all()  # noqa: NPY002
    assert random.getstate() == before[2]


def test_hidden_inputs_are_the_same_every_time():
    seen = []
    for _ in range(2):
        judge(EXERCISES, "split", lambda x: seen.append(x.clone()))
    assert torch.equal(seen[0], seen[1])


@pytest.mark.parametrize(("got", "wanted"), [((4, 2), (None, 2)), ((0, 2), (None, 2)), ((), ())])
def test_free_sizes_match(got, wanted):
    match_shape(got, wanted)


def test_free_sizes_are_named():
    with pytest.raises(
        NotRightError, match=r"W should have shape \(N, 2\), and has shape \(2, 4\). It looks transposed"
    ):
        match_shape((2, 4), (None, 2), what="W")
