"""How long a training waits for its pictures, with 0, 1 or more loader processes.

Used by the chapter *gpus-and-clusters*. Pictures are kept compressed, as files are, and turned and unpacked one at a
time in Python: work that a loader process can do while the network trains.
"""

from __future__ import annotations

import argparse
import json
import time
import zlib
from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - the field's name for it
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from groundtruth.models.mlp import MLP

SIDE = 96


class Compressed(Dataset[tuple[Tensor, int]]):
    """Pictures of 96 × 96 points, made once from a seed and kept compressed; each is unpacked when it is asked for."""

    def __init__(self, count: int) -> None:
        generator = np.random.default_rng(0)
        smooth = (
            generator.integers(0, 255, (count, SIDE // 4, SIDE // 4), dtype=np.uint8)
            .repeat(4, 1)
            .repeat(4, 2)
        )
        self.kept = [zlib.compress(picture.tobytes()) for picture in smooth]

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.kept)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        """Return one picture (1, 24, 24), from 0 to 1, mirrored and made smaller, and its class."""
        unpacked = np.frombuffer(zlib.decompress(self.kept[index]), dtype=np.uint8).reshape(SIDE, SIDE)
        turned = unpacked[:, :: -1 if index % 2 else 1] / 255
        spectrum = np.fft.rfft2(turned)  # stands for the slow part of decoding a photograph
        small = np.fft.irfft2(spectrum)[::4, ::4].astype(np.float32)
        return torch.from_numpy(small).unsqueeze(0), index % 10


def main(arguments: Sequence[str] | None = None) -> None:
    """Print one line of JSON: seconds of an epoch, of waiting for batches in it, and of the training alone."""
    parser = argparse.ArgumentParser(prog="python -m groundtruth.jobs.loading", description=__doc__)
    parser.add_argument("--pictures", type=int, default=2000)
    parser.add_argument("--batch", type=int, default=50)
    parser.add_argument("--workers", type=int, nargs="+", default=[0, 1, 2])
    chosen = parser.parse_args(arguments)
    torch.set_num_threads(1)
    data = Compressed(chosen.pictures)
    found = []
    for workers in chosen.workers:
        loader = DataLoader(
            data, batch_size=chosen.batch, num_workers=workers, persistent_workers=workers > 0
        )
        if workers:
            next(iter(loader))  # starting them is counted apart
        torch.manual_seed(0)
        network = MLP((24 * 24, 1024, 1024, 10))
        optimizer = torch.optim.SGD(network.parameters(), lr=0.01)
        waited, started = 0.0, time.perf_counter()
        before = started
        for x, y in loader:
            waited += time.perf_counter() - before
            optimizer.zero_grad()
            F.cross_entropy(network(x), y).backward()
            optimizer.step()
            before = time.perf_counter()
        found.append({"workers": workers, "seconds": time.perf_counter() - started, "waited": waited})
        del loader
    print(json.dumps(found))


if __name__ == "__main__":
    main()
