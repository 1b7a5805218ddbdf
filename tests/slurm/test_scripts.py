"""The scripts of ``slurm/`` on a real Slurm: one training, an array of seeds, two tasks, kill and requeue, the book.

GPUs are promised by the configuration and not there: the profile is ``cpu``, everything else is as on a GPU node.
"""

import json
import re
import time
from pathlib import Path

import pytest
import torch

from conftest import ROOT, as_clone

pytestmark = pytest.mark.slow

SMALL = ("--images", "1000", "--batch", "100", "--epochs", "2")
ON_CPU = {
    "GROUNDTRUTH_PROFILE": "cpu",
    "GROUNDTRUTH_BF16": "0",
    "PYTHONWARNINGS": "default",
}


def submit(cluster, clone, script, *arguments, options=(), **environment):
    """Submit a script with one core a task, and return the job's number."""
    said = cluster.run(
        "sbatch",
        f"--chdir={clone}",
        "--cpus-per-task=1",
        *options,
        str(clone / "slurm" / script),
        *arguments,
        **(ON_CPU | environment),
    ).stdout
    return int(re.search(r"Submitted batch job (\d+)", said)[1])


def result(folder, seed=0):
    return json.loads((folder / f"seed-{seed}.json").read_text())


def until(true, cluster, seconds=200):
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, cluster.logs()
        time.sleep(0.05)


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """Results of jobs that several tests compare."""
    return tmp_path_factory.mktemp("shared")


@pytest.fixture(scope="module")
def alone(cluster, shared):
    """One process, under Slurm, by the first script."""
    clone = as_clone(shared)
    number = submit(cluster, clone, "train.sbatch", *SMALL)
    job = cluster.wait(number)
    return job, clone / "runs", clone / f"clothes-{number}.out"


def test_one_training(alone):
    job, runs, log = alone
    assert job["Partition"] == "gpu"
    assert "gres:gpu:1" in job["TresPerNode"]
    assert job["TimeLimit"] == "00:15:00"
    assert job["JobName"] == "clothes"
    said = log.read_text()
    assert "seed-0: begins, 1 process(es)" in said
    assert result(runs)["steps"] == 20
    assert result(runs)["weights"] in said


def test_two_tasks_train_as_one_process(cluster, clone, alone):
    number = submit(cluster, clone, "ddp.sbatch", *SMALL)
    job = cluster.wait(number)
    assert job["NumTasks"] == "2"
    two, one = result(clone / "runs" / "ddp"), result(alone[1])
    assert (two["processes"], one["processes"]) == (2, 1)
    assert two["step_loss"] == pytest.approx(one["step_loss"], rel=1e-3)
    weights, shared = (torch.load(folder / "seed-0.pt") for folder in (alone[1], clone / "runs" / "ddp"))
    for name in weights:
        torch.testing.assert_close(shared[name], weights[name], rtol=1e-3, atol=1e-4)
    assert "0: seed-0: begins, 2 process(es)" in (clone / f"ddp-{number}.out").read_text()


def test_an_array_of_seeds(cluster, clone, alone):
    number = submit(cluster, clone, "seeds.sbatch", *SMALL, options=("--array=0-2",))
    for seed in range(3):
        cluster.wait(f"{number}_{seed}")
        assert f"seed-{seed}: begins" in (clone / f"seeds-{number}_{seed}.out").read_text()
    found = [result(clone / "runs" / "seeds", seed) for seed in range(3)]
    assert len({one["weights"] for one in found}) == 3
    assert found[0]["weights"] == result(alone[1])["weights"], "a seed gives the same bits in an array"

    from groundtruth.jobs.gather import gather

    assert list(gather(clone / "runs" / "seeds")) == [0, 1, 2]


def test_killed_and_requeued_it_ends_with_the_same_result(cluster, clone, alone):
    """Slurm's signal before the time limit, sent by hand, so that no test waits for a limit."""
    epochs = 15
    arguments = (*SMALL[:-1], str(epochs))
    whole = submit(cluster, clone, "train.sbatch", *arguments, "--out", "runs/whole")
    number = submit(cluster, clone, "requeue.sbatch", *arguments)
    kept = clone / "runs" / "long" / "seed-0.ckpt"
    until(kept.exists, cluster)
    cluster.run("scancel", "--batch", "--signal=USR1", str(number))
    until(lambda: cluster.job(number)["Restarts"] == "1", cluster)
    assert kept.is_file(), "it was not in the middle when it was killed"
    assert not (clone / "runs" / "long" / "seed-0.json").exists()
    cluster.run(
        "scontrol", "update", f"JobId={number}", "StartTime=now"
    )  # Slurm would let it rest for a while
    job = cluster.wait(number)
    assert job["Restarts"] == "1"
    cluster.wait(whole)
    found, expected = result(clone / "runs" / "long"), result(clone / "runs" / "whole")
    assert found["weights"] == expected["weights"]
    assert found["step_loss"] == expected["step_loss"]
    assert len(found["step_loss"]) == 10 * epochs
    assert found["restarts"] == 1
    said = (clone / f"long-{number}.out").read_text()
    for words in ("seed-0: begins", "back to the queue", "seed-0: goes on"):
        assert words in said
    assert not kept.exists()


def test_the_book_is_built_on_a_gpu_node(cluster, tmp_path):
    """With a Makefile that writes down what it was asked for: the book itself takes longer than these tests may."""
    (tmp_path / "Makefile").write_text("book:\n\t@echo profile $(PROFILE), threads $$OMP_NUM_THREADS\n")
    script = ROOT / "slurm" / "book.sbatch"
    number = cluster.run("sbatch", f"--chdir={tmp_path}", "--parsable", str(script)).stdout.strip()
    job = cluster.wait(number)
    assert (tmp_path / f"book-{number}.out").read_text() == "profile gpu, threads 8\n"
    assert job["TimeLimit"] == "02:00:00"


@pytest.mark.parametrize("script", sorted(path.name for path in (ROOT / "slurm").glob("*.sbatch")))
def test_slurm_takes_every_script_as_it_is(script, cluster, clone):
    said = cluster.run("sbatch", "--test-only", f"--chdir={clone}", str(ROOT / "slurm" / script))
    assert "to start at" in said.stderr


def test_a_wrong_partition_is_slurms_own_error(cluster, clone):
    refused = cluster.run(
        "sbatch", "--partition=gpus", f"--chdir={clone}", str(ROOT / "slurm" / "train.sbatch"), check=False
    )
    assert refused.returncode != 0
    assert "invalid partition specified: gpus" in refused.stderr
    assert "Submitted" not in refused.stdout


def test_a_job_that_fails_says_why(cluster, clone):
    number = submit(cluster, clone, "train.sbatch", "--images", "70000")
    from cluster import SlurmError

    with pytest.raises(SlurmError, match=r"ended as FAILED(.|\n)*limit=70000 is more than"):
        cluster.wait(number)


def test_scripts_say_what_a_cluster_must_be_told():
    """Every one names partition, time, memory, cores, and a log that no other job writes."""
    for path in (ROOT / "slurm").glob("*.sbatch"):
        text = path.read_text()
        assert text.startswith("#!/bin/bash\n")
        for option in ("job-name", "partition", "time", "mem", "cpus-per-task", "gpus-per-node"):
            assert f"#SBATCH --{option}=" in text, f"{path.name}: {option}"
        assert re.search(r"--output=%x-(%j|%A_%a)\.out", text)
        assert "set -euo pipefail" in text
        assert Path(path).stat().st_size < 2000
