"""A training that is really killed, by SIGKILL, and taken up again: the same bits as one that never was."""

import os
import runpy
import signal
import subprocess
import sys

import pytest
import torch

from groundtruth.training.fit import fit

PROGRAM = """
import os, signal, sys
from pathlib import Path
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from groundtruth.profiles import CPU
from groundtruth.training.fit import Loaders, fit
from groundtruth.training.settings import OptimizerSettings, Schedule

def die():
    os.kill(os.getpid(), signal.SIGKILL)

class Dying(DataLoader):
    seen = 0
    die_at = -1

    def __iter__(self):
        for batch in super().__iter__():
            if Dying.seen == Dying.die_at:
                die()
            Dying.seen += 1
            yield batch

def arguments():
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(120, 6, generator=generator)
    data = TensorDataset(x, (x[:, 0] * x[:, 1] > 0).long())
    shuffler = torch.Generator().manual_seed(1)
    train = Dying(data, batch_size=12, shuffle=True, generator=shuffler)
    # dropout draws from the global generator, order from one of its own, the cosine depends on the step
    make = lambda: nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Dropout(0.2), nn.Linear(16, 2))
    settings = {"optimizer": OptimizerSettings("adamw", 0.01), "schedule": Schedule("cosine", 0.2)}
    loaders = Loaders(train, validation=[(x[:40], data.tensors[1][:40])])
    return (make, loaders, CPU), {"seed": 3, "epochs": 5, **settings}

if __name__ == "__main__":
    torch.set_num_threads(1)
    path, when, where = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    if when == "training":
        Dying.die_at = where
    else:  # while it is writing: the new file is there under its other name, and not yet in place
        replace, calls = Path.replace, []
        def dying(self, target):
            calls.append(self)
            if len(calls) == where:
                die()
            return replace(self, target)
        Path.replace = dying
    positional, named = arguments()
    fit(*positional, **named, checkpoint=path)
"""


@pytest.fixture
def program(tmp_path, monkeypatch):
    monkeypatch.setenv("GROUNDTRUTH_BF16", "0")
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    path = tmp_path / "program.py"
    path.write_text(PROGRAM)
    yield path
    torch.set_num_threads(threads)


def weights(model):
    return torch.cat([value.flatten() for value in model.state_dict().values()])


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL on this system")
@pytest.mark.parametrize(("when", "where", "epochs"), [("training", 37, 3), ("writing", 3, 2)])
def test_killed_and_resumed_is_the_run_that_never_was(program, tmp_path, when, where, epochs):
    path = tmp_path / "run.pt"
    ended = subprocess.run(
        [sys.executable, program, path, when, str(where)],
        capture_output=True,
        check=False,
        timeout=300,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )
    assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()
    kept = torch.load(path, weights_only=True)["groundtruth"]["curves"]
    assert len(kept["train_loss"]) == epochs
    assert (tmp_path / "run.pt.part").exists() == (when == "writing")
    arguments = runpy.run_path(str(program))["arguments"]
    positional, named = arguments()
    resumed = fit(*positional, **named, resume=path)
    positional, named = arguments()
    whole = fit(*positional, **named)
    assert torch.equal(weights(resumed.model), weights(whole.model))
    assert resumed.step_loss == whole.step_loss
    assert (resumed.train_loss, resumed.val_loss) == (whole.train_loss, whole.val_loss)
    assert len(resumed.step_loss) == 50
