"""Choose how thumbnails are fed to a frozen EfficientNet-Lite0: their side in pixels, and whether they are sharpened.

Its results stand in ``groundtruth.data.recorded``, from where the chapter *transfer-learning* takes them.
``python benchmarks/recorded/frozen_features.py`` runs it again and prints a line of JSON for each way.

Every number is the held-out accuracy of a new head, mean over seeds 100 to 114: with 100 labels a class the other 500
training photographs a class are held out. The test photographs are not looked at.
"""

from __future__ import annotations

import json
import platform
import time

import torch
from torch import Tensor

from groundtruth import weights
from groundtruth.data import cats_dogs
from groundtruth.models.efficientnet_lite import EfficientNetLite0, prepare
from groundtruth.models.folding import folded
from groundtruth.profiles import has_bf16
from groundtruth.scratch import probe
from groundtruth.scratch.sharpen import sharpen

SIDES = (96, 128, 160, 192, 224)
AMOUNTS = (0.0, 1.0)
LABELS = 100
SEEDS = range(100, 115)
PENALTY = 1.0


def features(model: EfficientNetLite0, images: Tensor, side: int, amount: float) -> Tensor:
    """Return features (N, 1280) of whole bytes (N, 3, 32, 32)."""
    dtype = next(model.parameters()).dtype
    kept = []
    with torch.no_grad():
        for part in images.split(10):
            ready = sharpen(prepare(part, side), amount, 9).clamp(-1, 1)
            kept.append(model.features(ready.to(dtype, memory_format=torch.channels_last)).float())
    return torch.cat(kept)


def held_out(found: Tensor, labels: Tensor) -> float:
    """Return the mean held-out accuracy over the seeds."""
    right = []
    for seed in SEEDS:
        draw = torch.Generator().manual_seed(seed)
        decks = [(labels == k).nonzero().flatten() for k in (0, 1)]
        decks = [deck[torch.randperm(len(deck), generator=draw)] for deck in decks]
        chosen, held = (
            torch.cat([deck[half] for deck in decks]) for half in (slice(LABELS), slice(LABELS, None))
        )
        head = probe.fit(found[chosen], labels[chosen], 2, PENALTY)
        right.append(probe.accuracy(head, found[held], labels[held]))
    return sum(right) / len(right)


def main() -> None:
    """Run all ways."""
    dtype = torch.bfloat16 if has_bf16() else torch.float32
    network = folded(weights.efficientnet_lite0()).to(dtype=dtype, memory_format=torch.channels_last)  # type: ignore[call-overload]
    pets = cats_dogs.load()
    for side in SIDES:
        for amount in AMOUNTS:
            started = time.perf_counter()
            found = features(network, pets.train_images, side, amount)
            line = {
                "side": side,
                "sharpened": amount,
                "held_out": round(held_out(found, pets.train_labels), 4),
                "seconds": round(time.perf_counter() - started),
                "arithmetic": str(dtype).removeprefix("torch."),
                "torch": torch.__version__.split("+")[0],
                "python": platform.python_version(),
            }
            print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
