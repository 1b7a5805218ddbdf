"""Wrong answers to the chapter's exercises, and the sentence meant for each."""

from dataclasses import replace

import pytest
import torch

from groundtruth.exercises import what_is_deep_learning as chapter

KINDS = {
    "tumours": "supervised",
    "shoppers": "unsupervised",
    "missing word": "self-supervised",
    "colour": "self-supervised",
    "prices": "supervised",
}
SLOPES = {
    "alone": chapter._slope_of_bedrooms(),
    "with area": chapter._slope_of_bedrooms("area"),
    "with floors": chapter._slope_of_bedrooms("floors"),
    "a bedroom more": "with area",
}


def relabelled(images, wanted, *, one=1, zero=0, only="both"):
    number = images.class_names.index(wanted)

    def changed(labels):
        return torch.where(labels == number, one, zero)

    return replace(
        images,
        class_names=(f"no {wanted}", wanted),
        train_labels=changed(images.train_labels),
        test_labels=changed(images.test_labels) if only == "both" else 0 * images.test_labels,
    )


def in_place(images, wanted):
    images.train_labels[:] = (images.train_labels == images.class_names.index(wanted)).long()
    return replace(images, class_names=("no", "yes"), test_labels=images.test_labels.clamp(max=1))


def area(features):
    return features[:, 1] * features[:, 2] * features[:, 3]


WRONG = [
    ("kinds-of-learning", KINDS | {"shoppers": "supervised"}, "[shoppers] Did a person"),
    ("kinds-of-learning", KINDS | {"colour": "unsupervised"}, "[colour] Is there really nothing to predict"),
    ("kinds-of-learning", KINDS | {"prices": "self-supervised"}, "[prices] Is the right answer cut out"),
    ("kinds-of-learning", KINDS | {"prices": "semi"}, "none of the words"),
    ("kinds-of-learning", {"prices": "supervised"}, "lacks: 'tumours'"),
    ("price-of-a-house", 224, "forgot the base"),
    ("price-of-a-house", 434, "Distance lowers"),
    ("price-of-a-house", 406, "Age lowers"),
    ("price-of-a-house", 374_000, "in thousands"),
    ("price-of-a-house", 400, "too large"),
    ("fit-a-line", chapter._through_origin, "through the origin"),
    ("fit-a-line", chapter._upside_down, "spread of y"),
    ("fit-a-line", chapter._correlation_as_slope, "is the correlation"),
    ("fit-a-line", lambda x, y: chapter._fit_line(x, y)[::-1], "return (slope, intercept)"),
    ("fit-a-line", lambda x, y: 3.0, "should return (slope, intercept)"),
    ("strongest-feature", lambda f, p: int(chapter._correlations(f, p).argmax()), "strongly negative"),
    ("strongest-feature", lambda f, p: 3, "is not right"),
    (
        "strongest-feature",
        lambda f, p: int(((f - f.mean(0)) * (p - p.mean())[:, None]).sum(0).abs().argmax()),
        "covariances",
    ),
    ("one-good-feature", lambda f: f[:, 1] + f[:, 2] + f[:, 3], "is a sum of columns"),
    ("one-good-feature", lambda f: f[:, 0], "is a sum of columns"),
    ("one-good-feature", lambda f: f[:, 1] * f[:, 2], "width times depth"),
    ("one-good-feature", lambda f: f[:, 1] * f[:, 3], "width times floors"),
    ("one-good-feature", lambda f: area(f).sqrt(), "times the noise"),
    ("one-good-feature", lambda f: area(f) / area(f).mean(), "on that house alone"),
    ("one-good-feature", lambda f: f, "should have shape (1000,)"),
    ("left-out", SLOPES | {"alone": SLOPES["with area"]}, "[alone] This is the coefficient beside the area"),
    ("left-out", SLOPES | {"with area": SLOPES["alone"]}, "[with area] This is the coefficient of the bedrooms alone"),
    ("left-out", SLOPES | {"with floors": SLOPES["with area"]}, "The question is about the floors"),
    ("left-out", SLOPES | {"a bedroom more": "alone"}, "Does a wall add area"),
    ("true-interval", chapter._interval_by_n, "divide by N − 2"),
    ("true-interval", chapter._interval_one, "one standard error"),
    ("true-interval", chapter._interval_of_noise, "not of the slope"),
    ("true-interval", lambda x, y: chapter._interval(x, y)[::-1], "changed places"),
    ("change-the-data", {"data": lambda i, w: relabelled(i, w, one=0, zero=1), "always no": 0.9}, "wrong way round"),
    ("change-the-data", {"data": lambda i, w: i, "always no": 0.9}, "A detector has two classes"),
    ("change-the-data", {"data": lambda i, w: i.subset([w, "thing 1"]), "always no": 0.9}, "Pictures are missing"),
    ("change-the-data", {"data": lambda i, w: relabelled(i, w, only="train"), "always no": 0.9}, "the test labels"),
    ("change-the-data", {"data": in_place, "always no": 0.9}, "changes the labels of the set it was given"),
    ("change-the-data", {"data": ConnectionError, "always no": 0.9}, "should return an ImageSet"),
    ("change-the-data", {"data": 3, "always no": 0.9}, "A function of (images, wanted)"),
    ("change-the-data", {"data": lambda i, w: i.train_labels, "always no": 0.9}, "should return an ImageSet"),
    ("change-the-data", {"data": relabelled, "always no": 0.1}, "answering *yes*"),
    ("change-the-data", {"data": relabelled, "always no": 90}, "percentage"),
]  # fmt: skip


RIGHT = [
    ("kinds-of-learning", KINDS),
    ("price-of-a-house", 374),
    ("price-of-a-house", torch.tensor([374.0])),
    (
        "fit-a-line",
        lambda x, y: tuple(torch.linalg.lstsq(torch.stack([x, x**0], 1), y[:, None]).solution[:, 0]),
    ),
    (
        "strongest-feature",
        lambda f, p: max(range(4), key=lambda i: torch.corrcoef(torch.stack([f[:, i], p]))[0, 1] ** 2),
    ),
    ("one-good-feature", area),
    ("one-good-feature", lambda f: 5 - area(f) / 100),
    ("left-out", SLOPES),
    ("true-interval", chapter._interval),
    ("change-the-data", {"data": relabelled, "always no": 0.9}),
]


def test_the_hidden_features_reward_a_strong_negative_one():
    found = [
        chapter._strongest(*case)
        for case in chapter._strongest_calls(torch.Generator().manual_seed(20_240_229))
    ]
    assert len(set(found)) > 2


def test_left_out_is_what_the_text_says():
    assert SLOPES["alone"] > SLOPES["with floors"] > 2 * SLOPES["with area"]
    assert SLOPES["with area"] == pytest.approx(chapter.TRUTH.bedrooms, abs=4)
