"""Wrong answers to the chapter's exercises, the sentence meant for each, and the checks against the book's pieces."""

import math

import pytest
import torch

from groundtruth.data import faults
from groundtruth.exercises import when_it_fails as module
from groundtruth.scratch import diagnosis

OK_START = {
    "hundred": math.log(100),
    "lopsided": 0.325083,
    "floor": math.log(math.e + 1) - 1,
    "expected": 11 / 7,
}
COLUMN, COPIES = module._leaking_column(), module._copies()
OK_TABLE = {"column": COLUMN, "copies": COPIES}
OK_CAUSES = {"first": "few", "second": "short", "third": "loss", "fourth": "leak", "fifth": "rate"}


def trap(answer, number):
    return list(answer.traps.values())[number]


WRONG = [
    ("before-the-first-step", OK_START | {"hundred": 2.0}, "[hundred] This is a logarithm to the base 10"),
    ("before-the-first-step", OK_START | {"hundred": math.log2(100)}, "number of bits"),
    ("before-the-first-step", OK_START | {"hundred": 0.01}, "share of a class"),
    ("before-the-first-step", OK_START | {"lopsided": math.log(2)}, "may favour the frequent class"),
    ("before-the-first-step", OK_START | {"lopsided": -math.log(0.9)}, "One example in ten"),
    ("before-the-first-step", OK_START | {"lopsided": 0.468996}, "number of bits"),
    ("before-the-first-step", OK_START | {"lopsided": 0.1}, "share of mistakes"),
    ("before-the-first-step", OK_START | {"floor": 0.0}, "for a loss that fits"),
    ("before-the-first-step", OK_START | {"floor": math.log(math.e + 9) - 1}, "ten classes"),
    ("before-the-first-step", OK_START | {"floor": math.log(2)}, "equal shares, and not the floor"),
    ("before-the-first-step", OK_START | {"floor": 0.731059}, "share of the right class"),
    ("before-the-first-step", OK_START | {"expected": 1.5}, "holds no example twice"),
    ("before-the-first-step", OK_START | {"expected": 11 / 14}, "one given class"),
    ("before-the-first-step", OK_START | {"expected": 2}, "may lack one"),
    ("ask-the-neighbour", trap(module.NEIGHBOUR, 0), "its own nearest neighbour"),
    ("ask-the-neighbour", trap(module.NEIGHBOUR, 1), "farthest"),
    ("ask-the-neighbour", trap(module.NEIGHBOUR, 2), "disagreements"),
    ("ask-the-neighbour", trap(module.NEIGHBOUR, 3), "A share is wanted"),
    ("count-the-classes", module._with_the_rest, "left over at the end"),
    ("count-the-classes", trap(module.VARIETY, 1), "all batches together"),
    ("count-the-classes", trap(module.VARIETY, 2), "how often the label changes"),
    ("in-the-right-order", trap(module.ORDERED, 0), "count one half."),
    ("in-the-right-order", trap(module.ORDERED, 1), "not one"),
    ("in-the-right-order", trap(module.ORDERED, 2), "wrong way round"),
    ("in-the-right-order", trap(module.ORDERED, 3), "compared the means"),
    ("what-one-input-knows", trap(module.KNOWS, 0), "once for each of its examples"),
    ("what-one-input-knows", trap(module.KNOWS, 1), "within the classes"),
    ("what-one-input-knows", trap(module.KNOWS, 2), "square root"),
    ("what-one-input-knows", trap(module.KNOWS, 3), "over that within them"),
    ("a-table-with-leaks", OK_TABLE | {"column": COLUMN + 1}, "counted from one"),
    ("a-table-with-leaks", OK_TABLE | {"copies": 0}, "[copies] None?"),
    ("a-table-with-leaks", OK_TABLE | {"copies": 120}, "all test rows"),
    ("a-table-with-leaks", OK_TABLE | {"copies": 300 - COPIES}, "training rows that have no copy"),
    ("a-table-with-leaks", OK_TABLE | {"copies": 120 - COPIES}, "test rows that have no copy"),
    *[("mend-the-loop", trap(module.LOOP, number), said) for number, said in enumerate((
        "All three", "shares where it should get logits", "the loss is a sum", "steps before",
        "the softmax, and gradients", "the sum, and gradients", "the softmax, and the sum",
    ))],
    ("name-the-cause", OK_CAUSES | {"first": "short"}, "[first] More training"),
    ("name-the-cause", OK_CAUSES | {"first": "leak"}, "better than it should"),
    ("name-the-cause", OK_CAUSES | {"second": "rate"}, "as long as they should be"),
    ("name-the-cause", OK_CAUSES | {"second": "few"}, "There is no gap"),
    ("name-the-cause", OK_CAUSES | {"third": "rate"}, "moves the floor"),
    ("name-the-cause", OK_CAUSES | {"fourth": "shift"}, "one pixel only"),
    ("name-the-cause", OK_CAUSES | {"fourth": "few"}, "show in validation"),
    ("name-the-cause", OK_CAUSES | {"fifth": "short"}, "why does it need so many"),
    ("name-the-cause", OK_CAUSES | {"fifth": "slow"}, "none of the words"),
]  # fmt: skip

RIGHT = [
    ("before-the-first-step", OK_START | {"hundred": torch.tensor(100.0).log()}),
    ("ask-the-neighbour", diagnosis.neighbour_agreement),
    ("count-the-classes", diagnosis.classes_per_batch),
    ("in-the-right-order", diagnosis.pairs_in_order),
    ("what-one-input-knows", diagnosis.explained),
    ("what-one-input-knows", lambda inputs, labels: diagnosis.explained(inputs, labels).tolist()),
    ("a-table-with-leaks", {"column": float(COLUMN), "copies": torch.tensor(COPIES)}),
    ("name-the-cause", {name: word.upper() for name, word in OK_CAUSES.items()}),
]


def test_the_table_has_its_two_leaks_and_no_third():
    rows, labels, test_rows, test_labels = faults.table()
    knows = diagnosis.explained(rows, labels)
    assert float(knows[COLUMN]) > 0.9
    assert float(knows[torch.arange(12) != COLUMN].max()) < 0.6
    assert diagnosis.shared(rows, test_rows) == pytest.approx(COPIES / len(test_rows))
    assert 0 < COPIES < len(test_rows)
    same = (test_rows[:, None] == rows[None]).all(dim=2)
    test, training = same.nonzero().T
    assert torch.equal(test_labels[test], labels[training])  # a copy has its label


def test_the_broken_loop_of_the_page_is_the_trap():
    def on_the_page(inputs, labels, weights, rate, steps):
        weights = weights.clone().requires_grad_()
        for _ in range(steps):
            shares = (inputs @ weights).softmax(dim=1)
            loss = torch.nn.functional.cross_entropy(shares, labels, reduction="sum")
            loss.backward()
            with torch.no_grad():
                weights -= rate * weights.grad
        return weights.detach()

    feedback = module.check("mend-the-loop", on_the_page)
    assert not feedback.right
    assert "All three" in feedback.message
