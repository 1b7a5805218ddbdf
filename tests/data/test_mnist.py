import hashlib

import torch

from groundtruth.data import mnist

# MD5 of the files that the authors published, header included.
PUBLISHED = {
    "train_images": ("6bbc9ace898e44ae57da46a324031adb", "0000080300 00ea60 0000001c 0000001c"),
    "train_labels": ("a25bea736e30d166cdddb491f175f624", "0000080100 00ea60"),
    "test_images": ("2646ac647ad5339dbf082846283269ea", "0000080300 002710 0000001c 0000001c"),
    "test_labels": ("27ae3e4e09519cfbb04c329615203637", "0000080100 002710"),
}


def test_every_image_and_label_is_the_published_one():
    data = mnist.load()
    for role, (md5, header) in PUBLISHED.items():
        content = bytes.fromhex(header) + getattr(data, role).to(torch.uint8).numpy().tobytes()
        assert hashlib.md5(content).hexdigest() == md5
    assert data.class_names == tuple("0123456789")
    assert data.train_images.shape == (60_000, 1, 28, 28)
    assert data.test_images.shape == (10_000, 1, 28, 28)
    assert data.train_labels[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
