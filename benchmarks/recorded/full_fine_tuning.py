"""Fine-tune the whole of EfficientNet-Lite0 on cats and dogs, a run too long for a chapter; print what it reached.

Its results stand in ``groundtruth.data.recorded``, from where the chapter *transfer-learning* takes them; those runs
had ``--size 128``. ``python benchmarks/recorded/full_fine_tuning.py`` runs three arms, one after another, and prints a
line of JSON for each seed.

Arms: ``eval`` keeps batch normalisation in evaluation mode, ``train`` does not, ``scratch`` starts from random weights
(and normalises by its batches, for it has no statistics yet). The recipe was not tuned; the test images are looked
at once, at the end of each run.
"""

from __future__ import annotations

import argparse
import json
import math
import platform
import time

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from groundtruth import weights
from groundtruth.data import cats_dogs
from groundtruth.models.efficientnet_lite import EfficientNetLite0, prepare
from groundtruth.profiles import has_bf16

SIZE = 160
LABELS = 500
BATCH = 50
EPOCHS = {"eval": 5, "train": 5, "scratch": 10}
HEAD_RATE = {"eval": 1e-3, "train": 1e-3, "scratch": 1e-3}
BODY_RATE = {"eval": 1e-4, "train": 1e-4, "scratch": 1e-3}


def inputs(images: Tensor, size: int) -> Tensor:
    """Return prepared images (N, 3, size, size), channels last."""
    return prepare(images, size).contiguous(memory_format=torch.channels_last)


def network(arm: str) -> EfficientNetLite0:
    """Return the network of an arm with a fresh head for two classes, in training mode as the arm wants it."""
    model = EfficientNetLite0() if arm == "scratch" else weights.efficientnet_lite0()
    model = model.fresh_head(2).to(memory_format=torch.channels_last).train()  # type: ignore[call-overload]
    if arm == "eval":
        for part in model.modules():
            if isinstance(part, nn.BatchNorm2d):
                part.eval()
    return model


def run(arm: str, seed: int, size: int, dtype: torch.dtype) -> dict[str, object]:
    """Train one network and return its figures."""
    started = time.perf_counter()
    pets = cats_dogs.load()
    draw = torch.Generator().manual_seed(seed)
    torch.manual_seed(seed)
    kept = [
        (pets.train_labels == k).nonzero().flatten()[torch.randperm(600, generator=draw)[:LABELS]]
        for k in (0, 1)
    ]
    chosen = torch.cat(kept)
    model = network(arm)
    head = list(model.head.parameters())
    body = [p for name, p in model.named_parameters() if not name.startswith("head.")]
    groups = [{"params": head, "lr": HEAD_RATE[arm]}, {"params": body, "lr": BODY_RATE[arm]}]
    optimizer = torch.optim.AdamW(groups, weight_decay=0.01)
    steps = EPOCHS[arm] * math.ceil(len(chosen) / BATCH)
    rise = max(1, steps // 10)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(1.0, (step + 1) / rise) * (0.5 + 0.5 * math.cos(math.pi * step / steps))
    )
    for _ in range(EPOCHS[arm]):
        for part in chosen[torch.randperm(len(chosen), generator=draw)].split(BATCH):
            images = pets.train_images[part]
            mirrored = torch.rand(len(part), generator=draw) < 0.5
            images = torch.where(mirrored[:, None, None, None], images.flip(3), images)
            with torch.autocast("cpu", dtype, enabled=dtype != torch.float32):
                logits = model(inputs(images, size)).float()
            optimizer.zero_grad()
            F.cross_entropy(logits, pets.train_labels[part]).backward()
            optimizer.step()
            schedule.step()
    model.eval()
    with torch.no_grad(), torch.autocast("cpu", dtype, enabled=dtype != torch.float32):
        answers = torch.cat([model(inputs(part, size)).argmax(dim=1) for part in pets.test_images.split(100)])
    return {
        "arm": arm,
        "seed": seed,
        "test": round(float((answers == pets.test_labels).float().mean()), 4),
        "size": size,
        "labels": LABELS,
        "epochs": EPOCHS[arm],
        "seconds": round(time.perf_counter() - started),
        "threads": torch.get_num_threads(),
        "arithmetic": str(dtype).removeprefix("torch."),
        "torch": torch.__version__.split("+")[0],
        "python": platform.python_version(),
    }


def main() -> None:
    """Run the arms asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--arms", nargs="+", default=list(EPOCHS), choices=list(EPOCHS))
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--size", type=int, default=SIZE, help="side of the enlarged images in pixels")
    chosen = parser.parse_args()
    dtype = torch.bfloat16 if has_bf16() else torch.float32
    for seed in chosen.seeds:
        for arm in chosen.arms:
            print(json.dumps(run(arm, seed, chosen.size, dtype)), flush=True)


if __name__ == "__main__":
    main()
