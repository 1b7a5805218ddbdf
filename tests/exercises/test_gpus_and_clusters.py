"""Wrong answers to the chapter's exercises, and the sentence meant for each."""

import pytest
import torch

from groundtruth.exercises import gpus_and_clusters as module
from groundtruth.scratch import data_parallel, roofline

OK_SCRIPT = {"processes": 8, "gpus": 8, "cores": 48, "warning": 58}
OK_WHY = {"first": "memory", "second": "srun", "third": "batch size"}
OK_BILL = {"energy": 90.0, "rent": 240}


def intensity(n, d, k):
    return roofline.product(n, d, k).intensity


WRONG = [
    ("intensity-of-a-layer", lambda n, d, k: intensity(n, d, k) / 2, "two operations"),
    ("intensity-of-a-layer", lambda n, d, k: 4 * intensity(n, d, k), "four bytes"),
    ("intensity-of-a-layer", lambda n, d, k: n * d * k / (2 * (n * d + d * k)), "written, too"),
    ("intensity-of-a-layer", lambda n, d, k: n * d * k / (2 * (n * d + n * k)), "read, too"),
    ("under-the-roof", lambda i, p, b: max(p, i * b), "no roof"),
    ("under-the-roof", lambda i, p, b: i * b, "Above the ridge"),
    ("under-the-roof", lambda i, p, b: p, "Below the ridge"),
    ("unequal-parts", lambda a, n, b, m: (a + b) / 2, "plain mean"),
    ("unequal-parts", lambda a, n, b, m: n * a + m * b, "sum over examples"),
    ("unequal-parts", lambda a, n, b, m: (m * a + n * b) / (n + m), "changed places"),
    ("what-cannot-be-shared", lambda s, k: k, "all of the work"),
    ("what-cannot-be-shared", lambda s, k: 1 - s + s / k, "old time over the new"),
    ("what-cannot-be-shared", lambda s, k: 1 / (s + (1 - s) / k), "changed places"),
    ("round-the-ring", lambda p, k: (k - 1) * p / k, "way out"),
    ("round-the-ring", lambda p, k: (k - 1) * p, "nobody sends"),
    ("round-the-ring", lambda p, k: 2 * p, "one round less"),
    ("read-the-script", OK_SCRIPT | {"processes": 4}, "[processes] That is on one node"),
    ("read-the-script", OK_SCRIPT | {"cores": 6}, "[cores] That is for one process"),
    ("read-the-script", OK_SCRIPT | {"warning": 2}, "[warning] That is how long before"),
    ("why-does-it-not-run", OK_WHY | {"first": "time"}, "[first] A job that is out of time"),
    ("why-does-it-not-run", OK_WHY | {"second": "batch size"}, "[second] Nobody has begun"),
    ("why-does-it-not-run", OK_WHY | {"third": "srun"}, "[third] All three run"),
    ("the-bill", OK_BILL | {"energy": 60}, "[energy] The machine hall"),
    ("the-bill", OK_BILL | {"energy": 90_000}, "watt-hours"),
    ("the-bill", OK_BILL | {"rent": 360}, "[rent] The overhead"),
]

RIGHT = [
    ("intensity-of-a-layer", intensity),
    ("under-the-roof", roofline.attainable),
    ("unequal-parts", lambda a, n, b, m: a + (b - a) * m / (n + m)),
    ("what-cannot-be-shared", lambda s, k: k / (k - s * (k - 1))),
    ("round-the-ring", lambda p, k: 2 * p - 2 * p / k),
    ("read-the-script", OK_SCRIPT),
    ("why-does-it-not-run", OK_WHY),
    ("the-bill", OK_BILL),
]


def test_the_ring_sends_what_the_answer_says():
    for size in (1, 2, 3, 4):
        _, sent = data_parallel.ring([torch.zeros(24)] * size)
        assert sent == module.RING.reference(24, size)


def test_unequal_parts_are_the_gradient_of_the_whole():
    weights, batches = data_parallel.example(0)
    leaves = [w.double().requires_grad_() for w in weights]
    x, y = batches[0][0].double(), batches[0][1]

    def slope(rows):
        loss = data_parallel.cross_entropy(leaves, x[rows], y[rows])
        return torch.autograd.grad(loss, leaves)[1]

    mixed = module.UNEQUAL.reference(slope(slice(0, 20)), 20, slope(slice(20, 64)), 44)
    torch.testing.assert_close(mixed, slope(slice(0, 64)))
    assert OK_BILL["energy"] == pytest.approx(4 * 0.5 * 6 * 5 * 1.5)
