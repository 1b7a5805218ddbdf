"""Wrong and right answers to the exercises of the chapter *my-idea*.

The checks must tell them apart: ``test_chapters.py`` judges both lists.
"""

import torch

from groundtruth.exercises import my_idea as exercises
from groundtruth.scratch import my_idea

WRONG = [
    ("with-a-pencil", 4.5, "This is the square"),
    ("with-a-pencil", 3.0, "a half is missing"),
    ("with-a-pencil", -2.5, "sign is flipped"),
    ("slope-far-away", -7, "slope of the square"),
    ("slope-far-away", 2, "sign is flipped"),
    ("slope-far-away", 0, "too large"),
    ("wide-open", "median", "very small delta"),
    ("wide-open", "largest", "Every number pulls"),
    ("wide-open", "mode", "none of the words"),
    ("write-the-loss", lambda r, delta: r**2 / 2, "You square every distance"),
    ("write-the-loss", lambda r, delta: delta * (r.abs() - delta / 2), "the length of every distance"),
    ("write-the-loss", lambda r: r, "should take 2 argument(s)"),
    ("write-the-slope", lambda r, delta: r, "goes on growing"),
    ("write-the-slope", lambda r, delta: delta * r.sign(), "small distances as large ones"),
    ("write-the-slope", lambda r, delta: -r.clamp(-delta, delta), "Every sign is flipped"),
    ("five-numbers", 2.0, "This is the mean"),
    ("five-numbers", 0.0, "This is the median"),
    ("five-numbers", [0.25, 0.25], "single number"),
]
RIGHT = [
    ("with-a-pencil", torch.tensor([2.5])),
    ("wide-open", " Mean "),
    ("write-the-slope", lambda r, delta: torch.where(r.abs() <= delta, r, delta * r.sign())),
    ("five-numbers", 1 / 4),
]


def test_the_references_are_the_books():
    r = torch.linspace(-4, 4, 41)
    torch.testing.assert_close(exercises._loss(r, 1.5), my_idea.loss(r, 1.5))
    torch.testing.assert_close(exercises._slope(r, 1.5), my_idea.slope(r, 1.5))
