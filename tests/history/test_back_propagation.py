"""The slopes against autograd, and the code that hidden units invent for symmetry."""

import torch

from groundtruth.history.back_propagation import Networks, mirrored, powers_of_two, rows, train


def test_slopes_are_autograds():
    x, target = rows()
    networks = Networks.start([0, 1, 2])
    slopes = networks.gradient(x, target)
    for part in networks.weights():
        part.requires_grad_()
    (0.5 * (networks.forward(x)[1] - target).square().sum()).backward()
    for part, slope in zip(networks.weights(), slopes, strict=True):
        torch.testing.assert_close(slope, part.grad)


def test_eight_of_sixty_four_rows_mirror_themselves():
    x, target = rows()
    assert x.shape == (64, 6)
    assert target.sum() == 8


def test_two_hidden_units_solve_it_with_opposite_weights_in_powers_of_two():
    x, target = rows()
    networks = Networks.start(range(1000, 1010))
    solved = train(networks, x, target, 3000)
    done = solved.isfinite()
    assert done.sum() >= 3
    answers = networks.forward(x)[1][done] > 0.5
    assert (answers == (target > 0.5)).all()
    assert (mirrored(networks)[done] < 0.05).all()
    assert powers_of_two(networks)[done].any()  # the paper's code; there are others


def test_a_network_alone_is_a_network_in_company():
    x, target = rows()
    alone, company = Networks.start([5]), Networks.start([4, 5])
    train(alone, x, target, 50)
    train(company, x, target, 50)
    torch.testing.assert_close(alone.w1[0], company.w1[1])
