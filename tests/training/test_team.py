"""Who a process is, what its share is, and that a team's training is that of one process."""

import json
from pathlib import Path

import pytest
import torch

from groundtruth.jobs import together
from groundtruth.profiles import CPU, GPU
from groundtruth.training.team import Team, here

PROGRAM = """
import json, sys, warnings
from pathlib import Path
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from groundtruth.profiles import CPU
from groundtruth.training import team
from groundtruth.training.fit import Loaders, fit
from groundtruth.training.settings import OptimizerSettings, Schedule

torch.set_num_threads(1)
generator = torch.Generator().manual_seed(0)
x = torch.randn(480, 6, generator=generator)
data = TensorDataset(x, (x[:, 0] * x[:, 1] > 0).long())

def run(epochs=3, **options):
    train = DataLoader(data, batch_size=24, shuffle=True)  # order from the global generator
    held = [(x[:40], data.tensors[1][:40])]
    make = lambda: nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 2))
    optimizer, schedule = OptimizerSettings("adamw", 0.01), Schedule("constant", 0.0)
    return fit(make, Loaders(train, held, held), CPU, seed=3, epochs=epochs, optimizer=optimizer, schedule=schedule,
               clip_norm=1.0, team=us, **options)

def main():
    global us
    us, folder = team.here(), Path(sys.argv[1])
    whole = run()
    assert not torch.distributed.is_initialized()
    rank = us.rank if us else 0
    cut = run(epochs=2, checkpoint=folder / "run.ckpt")
    resumed = run(resume=folder / "run.ckpt")
    for name, result in (("whole", whole), ("resumed", resumed)):
        weights = torch.cat([p.detach().flatten() for p in result.model.parameters()])
        kept = {"weights": weights.tolist(), "step": result.step_loss, "train": result.train_loss,
                "accuracy": result.train_accuracy, "val": result.val_loss, "test": result.test_loss}
        (folder / f"{name}-{us.size if us else 1}-{rank}.json").write_text(json.dumps(kept))
    print(sorted(path.name for path in folder.iterdir() if path.suffix in (".ckpt", ".part")))
"""


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """The same program as one process and as two; the second in a folder of its own."""
    code = tmp_path_factory.mktemp("code")
    (code / "shared_run.py").write_text(PROGRAM)
    patch = pytest.MonkeyPatch()
    patch.syspath_prepend(str(code))
    patch.setenv("GROUNDTRUTH_BF16", "0")
    found = {}
    for count in (1, 2):
        folder = tmp_path_factory.mktemp(f"run-{count}")
        said = together.run("shared_run", str(folder), count=count, threads=1)
        assert "run.ckpt" in said[0]
        assert ".part" not in said[0]
        for path in folder.glob("*.json"):
            found[path.stem] = json.loads(path.read_text())
    patch.undo()
    return found


def test_two_processes_train_as_one(runs):
    one, first, second = (runs[name] for name in ("whole-1-0", "whole-2-0", "whole-2-1"))
    assert first["weights"] == second["weights"]
    assert first == second  # curves, too: each tells of all examples
    torch.testing.assert_close(
        torch.tensor(first["weights"]), torch.tensor(one["weights"]), rtol=1e-4, atol=1e-5
    )
    for name in ("step", "train", "val", "test"):
        assert first[name] == pytest.approx(one[name], rel=1e-4), name
    assert first["accuracy"] == pytest.approx(one["accuracy"])


@pytest.mark.parametrize("count", [1, 2])
def test_an_interrupted_team_goes_on_as_if_it_had_not_been(runs, count):
    assert runs[f"resumed-{count}-0"] == runs[f"whole-{count}-0"]


def test_shares_are_equal_blocks_of_every_tensor():
    x, y = torch.arange(12).view(6, 2), torch.arange(6)
    parts = [Team(rank, rank, 3).share((x, {"labels": [y]})) for rank in range(3)]
    assert torch.cat([part[0] for part in parts]).equal(x)
    assert torch.cat([part[1]["labels"][0] for part in parts]).equal(y)
    with pytest.raises(ValueError, match="batch of 6 examples cannot be shared equally among 4"):
        Team(0, 0, 4).share(x)
    with pytest.raises(TypeError, match="got str"):
        Team(0, 0, 2).share("words")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ((2, 0, 2), "rank must lie in 0 … 1; got 2"),
        ((0, 2, 2), "local_rank must lie"),
        ((0, 0, 3, 2), "equally many"),
        ((0, 0, 0), "equally many"),
    ],
)
def test_teams_that_cannot_be(wrong, words):
    with pytest.raises(ValueError, match=words):
        Team(*wrong)


def test_a_process_finds_out_who_it_is():
    assert here({}) is None
    assert here({"SLURM_NTASKS": "1", "SLURM_STEP_ID": "0"}) is None
    assert here({"SLURM_NTASKS": "4", "SLURM_JOB_ID": "1"}) is None, "the batch script itself is no task"
    slurm = {
        "SLURM_NTASKS": "4",
        "SLURM_STEP_ID": "0",
        "SLURM_PROCID": "3",
        "SLURM_LOCALID": "1",
        "SLURM_NNODES": "2",
    }
    assert here(slurm) == Team(3, 1, 4, 2, slurm=True)
    torchrun = {"RANK": "1", "LOCAL_RANK": "1", "WORLD_SIZE": "2", "LOCAL_WORLD_SIZE": "2"}
    assert here(torchrun) == Team(1, 1, 2)
    assert here(torchrun | {"GROUNDTRUTH_MEETING": "/tmp/m"}).meeting == Path("/tmp/m")
    with pytest.raises(ValueError, match="SLURM_LOCALID is not set"):
        here({name: value for name, value in slurm.items() if name != "SLURM_LOCALID"})


def test_each_has_its_own_gpu_and_all_the_one_processor():
    assert Team(3, 1, 4, 2).device(torch.device("cuda")) == torch.device("cuda", 1)
    assert Team(3, 1, 4, 2).device(torch.device("cpu")) == torch.device("cpu")


def of_one(profile, tmp_path, monkeypatch):
    """Train with a team of one process, and without a team; return both results."""
    from torch import nn

    from groundtruth.training.fit import Loaders, fit

    for name, value in {"RANK": "0", "LOCAL_RANK": "0", "WORLD_SIZE": "1", "GROUNDTRUTH_BF16": "0"}.items():
        monkeypatch.setenv(name, value)
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(64, 6, generator=generator)
    data = Loaders(list(zip(x.split(16), (x[:, 0] > 0).long().split(16), strict=True)))

    def run(**options):
        return fit(lambda: nn.Linear(6, 2), data, profile, seed=0, epochs=2, **options)

    result = run(team=Team(0, 0, 1, meeting=tmp_path / "meeting")), run()
    assert not torch.distributed.is_initialized()
    return result


def test_a_team_of_one_is_one_process(tmp_path, monkeypatch):
    together_, alone = of_one(CPU, tmp_path, monkeypatch)
    assert together_.step_loss == alone.step_loss


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_gpus_talk_by_nccl_in_the_same_code(tmp_path, monkeypatch):
    together_, alone = of_one(GPU, tmp_path, monkeypatch)
    assert together_.device == "cuda:0"
    assert together_.step_loss == pytest.approx(alone.step_loss, rel=1e-4)
