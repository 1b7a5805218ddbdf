"""Every planted fault does what its name says, is drawn from its generator alone, and spares what it is given."""

import pytest
import torch

from groundtruth.data import faults


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def test_shuffled_labels_keep_their_counts_and_lose_their_places():
    labels = torch.arange(1000) % 10
    before = labels.clone()
    spoiled = faults.shuffled(labels, seeded())
    assert torch.equal(labels, before)
    assert torch.equal(spoiled.bincount(), labels.bincount())
    assert float((spoiled == labels).double().mean()) == pytest.approx(0.1, abs=0.04)
    assert torch.equal(spoiled, faults.shuffled(labels, seeded()))
    assert not torch.equal(spoiled, faults.shuffled(labels, seeded(1)))


def test_a_share_of_the_labels():
    labels = torch.arange(1000) % 10
    assert torch.equal(faults.shuffled(labels, seeded(), 0), labels)
    kept = float((faults.shuffled(labels, seeded(), 0.5) == labels).double().mean())
    assert kept == pytest.approx(0.55, abs=0.04)
    with pytest.raises(ValueError, match="share"):
        faults.shuffled(labels, seeded(), 1.5)


def test_a_stamp_changes_one_column():
    x, labels = torch.randn(20, 5, generator=seeded()), torch.arange(20) % 4
    before = x.clone()
    spoiled = faults.stamped(x, labels, 2, 0.5)
    assert torch.equal(x, before)
    assert torch.equal(spoiled[:, 2], 0.5 * labels)
    others = [0, 1, 3, 4]
    assert torch.equal(spoiled[:, others], x[:, others])
    with pytest.raises(ValueError, match="column"):
        faults.stamped(x, labels, 5)


def test_copies_come_from_the_held_out_rows():
    train, held_out = torch.arange(100), torch.arange(100, 140)
    spoiled, chosen = faults.copied(train, held_out, 0.5, seeded())
    assert torch.equal(train, torch.arange(100))
    assert len(chosen) == len(chosen.unique()) == 20
    assert set(spoiled.tolist()) & set(held_out.tolist()) == set(chosen.tolist())
    assert len(spoiled) == 100
    assert int((spoiled != train).sum()) == 20
    assert torch.equal(faults.copied(train, held_out, 0, seeded())[0], train)
    for share, rows in ((1.2, train), (1.0, train[:10])):
        with pytest.raises(ValueError, match="share"):
            faults.copied(rows, held_out, share, seeded())


def test_another_camera_is_darker_and_keeps_the_order_of_greys():
    pictures = torch.rand(3, 16, generator=seeded())
    spoiled = faults.other_camera(pictures, 0.5, 0.25)
    assert float(spoiled.min()) >= 0.25
    assert float(spoiled.max()) <= 0.75
    assert torch.equal(spoiled.argsort(dim=1), pictures.argsort(dim=1))
    with pytest.raises(ValueError, match="at most 1"):
        faults.other_camera(pictures, 0.8, 0.4)


def test_the_colleague_made_three_mistakes():
    labels = torch.tensor([2, 0, 1, 0])
    secret = faults.colleague(labels)
    assert torch.equal(secret.inputs(torch.tensor([[0.0, 1.0]])), torch.tensor([[0.0, 255.0]]))
    assert labels[secret.order].tolist() == [0, 0, 1, 2]
    assert secret.order.tolist() == [1, 3, 2, 0]  # stable: the same on every machine
    assert torch.equal(secret.before_loss(torch.tensor([-1e4, 0.0, 1e4])), torch.tensor([0.0, 0.5, 1.0]))


def test_tables_of_other_seeds_differ():
    assert not torch.equal(faults.table(0)[0], faults.table(1)[0])
    rows, labels, test_rows, test_labels = faults.table()
    assert rows.shape == (300, 12)
    assert test_rows.shape == (120, 12)
    assert labels.shape == (300,)
    assert test_labels.shape == (120,)
    assert set(labels.tolist()) == {0, 1, 2}
