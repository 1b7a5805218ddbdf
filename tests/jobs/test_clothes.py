"""The job that Slurm's scripts start: what it writes, that it goes on, and that two processes give what one gives."""

import json
import os

import pytest
import torch

from groundtruth.jobs import clothes, gather, together

FEW = ("--images", "800", "--batch", "100", "--epochs", "2")


def read(folder, seed=0):
    return json.loads((folder / f"seed-{seed}.json").read_text()), torch.load(folder / f"seed-{seed}.pt")


@pytest.fixture(autouse=True)
def _one_thread(monkeypatch):
    monkeypatch.setenv("GROUNDTRUTH_PROFILE", "cpu")
    monkeypatch.setenv("GROUNDTRUTH_BF16", "0")
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """One process, in the tests' own."""
    folder = tmp_path_factory.mktemp("alone")
    before, threads = dict(os.environ), torch.get_num_threads()
    os.environ |= {"GROUNDTRUTH_PROFILE": "cpu", "GROUNDTRUTH_BF16": "0"}
    torch.set_num_threads(1)
    clothes.main(["--out", str(folder), *FEW])
    torch.set_num_threads(threads)
    os.environ.clear()
    os.environ |= before
    return folder


def test_two_processes_give_what_one_gives(alone, tmp_path):
    said = together.run("groundtruth.jobs.clothes", "--out", str(tmp_path), *FEW, count=2, threads=1)
    assert "2 process(es)" in said[0]
    assert said[1] == ""
    (one, weights), (two, shared) = read(alone), read(tmp_path)
    assert (one["processes"], two["processes"]) == (1, 2)
    assert one["steps"] == two["steps"] == 16
    assert two["step_loss"] == pytest.approx(one["step_loss"], rel=1e-3)
    assert two["train_loss"] == pytest.approx(one["train_loss"], rel=1e-3)
    assert set(weights) == set(shared)
    for (
        name
    ) in weights:  # a unit that is almost off may be switched by a rounding error: hence not the usual margin
        torch.testing.assert_close(shared[name], weights[name], rtol=1e-3, atol=1e-4)


def test_it_goes_on_from_what_it_kept_and_then_forgets_it(alone, tmp_path, capsys, monkeypatch):
    real = clothes.fit

    def cut_short(*arguments, **options):
        return real(*arguments, **options | {"epochs": 1})

    def killed(*arguments, **options):
        cut_short(*arguments, **options)
        raise KeyboardInterrupt

    monkeypatch.setattr(clothes, "fit", killed)
    with pytest.raises(KeyboardInterrupt):
        clothes.main(["--out", str(tmp_path), *FEW, "--keep"])
    assert (tmp_path / "seed-0.ckpt").is_file()
    monkeypatch.setattr(clothes, "fit", real)
    monkeypatch.setenv("SLURM_RESTART_COUNT", "1")
    clothes.main(["--out", str(tmp_path), *FEW, "--keep"])
    assert "seed-0: goes on" in capsys.readouterr().out
    (whole, _), (found, _) = read(alone), read(tmp_path)
    assert found["weights"] == whole["weights"]
    assert found["restarts"] == 1
    assert not (tmp_path / "seed-0.ckpt").exists()


def test_a_digest_sees_a_single_bit():
    network = torch.nn.Linear(3, 2)
    before = clothes.digest(network)
    assert clothes.digest(network) == before
    with torch.no_grad():
        network.bias[0] = torch.nextafter(network.bias[0], torch.tensor(9.0))
    assert clothes.digest(network) != before


def test_gathered_seeds_and_their_interval(tmp_path, capsys):
    for seed, accuracy in ((2, 0.9), (0, 0.8), (1, 0.85)):
        (tmp_path / f"seed-{seed}.json").write_text(json.dumps({"seed": seed, "test_accuracy": accuracy}))
    assert gather.gather(tmp_path) == {0: 0.8, 1: 0.85, 2: 0.9}
    gather.main([str(tmp_path)])
    said = capsys.readouterr().out
    assert "seed 1  85.00%" in said
    assert "85.00% ± 12.42%" in said  # 4.303 · 5 / √3
    with pytest.raises(FileNotFoundError, match="no results"):
        gather.gather(tmp_path / "elsewhere")
    with pytest.raises(SystemExit, match="one folder"):
        gather.main([])
