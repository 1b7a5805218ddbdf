"""A folder of photographs with every fault that a folder of photographs has."""

import os
import struct
import warnings
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from groundtruth.data.folder import FolderError, ImageFolderDataModule, read_folder

RED, GREEN, BLUE = (220, 20, 20), (20, 200, 40), (30, 30, 210)


def plain(colour, size=(20, 20), mode="RGB"):
    return Image.new("RGB", size, colour).convert(mode)


def noisy(number, size=(20, 20)):
    pixels = np.random.default_rng(number).integers(0, 256, (*size[::-1], 3), dtype=np.uint8)
    return Image.fromarray(pixels)


@pytest.fixture
def good(tmp_path):
    """Two classes of six pictures."""
    for label, name in enumerate(("cat", "dog")):
        (tmp_path / name).mkdir()
        for number in range(6):
            noisy(10 * label + number).save(tmp_path / name / f"{number}.png")
    return tmp_path


def refused(folder, **more):
    with pytest.raises(FolderError) as caught:
        read_folder(folder, 8, **more)
    return caught.value


def test_pictures_labels_and_paths_go_together(good):
    photos = read_folder(good, 20)
    assert photos.images.shape == (12, 3, 20, 20)
    assert photos.images.dtype == torch.uint8
    assert photos.class_names == ("cat", "dog")
    assert photos.labels.tolist() == [0] * 6 + [1] * 6
    for image, label, path in zip(photos.images, photos.labels, photos.paths, strict=True):
        assert path.parent.name == photos.class_names[label]
        assert np.array_equal(image.permute(1, 2, 0).numpy(), np.asarray(Image.open(path)))
    assert photos.skipped == ()


@pytest.mark.parametrize("mode", ["RGB", "L", "P", "RGBA", "LA", "CMYK", "1", "I;16", "I", "F"])
@pytest.mark.parametrize("size", [(1, 1), (7, 300), (300, 7), (64, 64)])
def test_any_size_and_mode(good, mode, size):
    ending = {"CMYK": "jpg", "F": "tiff", "I": "tiff"}.get(mode, "png")
    if mode in {"I;16", "I"}:
        picture = Image.fromarray(
            np.full(size[::-1], 40_000, dtype=np.uint16 if mode == "I;16" else np.int32)
        )
    else:
        picture = plain(GREEN, size, mode)
    picture.save(good / "cat" / f"odd.{ending}")
    photos = read_folder(good, 8)
    image = photos.images[[path.stem for path in photos.paths].index("odd")].float()
    assert photos.skipped == ()
    if mode in {"RGB", "P", "RGBA", "CMYK"}:
        assert (image.mean(dim=(1, 2)) - torch.tensor(GREEN)).abs().max() < 25
    if mode in {"I;16", "I"}:
        assert (image - 40_000 / 257).abs().max() < 2


def test_transparent_pixels_are_white(good):
    Image.new("RGBA", (9, 9), (255, 0, 0, 0)).save(good / "cat" / "clear.png")
    photos = read_folder(good, 4)
    assert (photos.images[[path.stem for path in photos.paths].index("clear")] == 255).all()


def test_a_photograph_taken_sideways_is_turned_upright(good):
    half = Image.new("RGB", (40, 20), RED)
    half.paste(Image.new("RGB", (20, 20), BLUE), (20, 0))  # red left, blue right
    exif = Image.Exif()
    exif[0x0112] = 6  # the top of the scene is on the right-hand side of the file
    half.save(good / "cat" / "turned.jpg", exif=exif, quality=95)
    photos = read_folder(good, 8)
    image = photos.images[[path.stem for path in photos.paths].index("turned")].float()
    assert image[0, :3].mean() > 150  # red above
    assert image[2, -3:].mean() > 150  # blue below


def bomb(width, height):
    """Return a PNG of a few dozen bytes whose head claims width × height pixels."""

    def chunk(kind, content):
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0" * 100))
        + chunk(b"IEND", b"")
    )


def cut_off():
    import io

    packed = io.BytesIO()
    noisy(99, (64, 64)).save(packed, "JPEG", quality=95)
    return packed.getvalue()[: len(packed.getvalue()) // 3]


FAULTS = {
    "empty.jpg": (b"", "is empty"),
    "notes.txt": (b"not a picture", "is no picture"),
    "renamed.png": (b"GIF? no, just words", "is no picture"),
    "cut.jpg": (cut_off(), "truncated"),
    "bomb.png": (bomb(60_000, 60_000), "is enormous"),
    "large.png": (bomb(11_000, 10_000), "is enormous: 11,000 × 10,000 pixels"),
    "broken.png": (bomb(30, 30)[:60], "cannot be read"),
}


@pytest.mark.parametrize(("name", "content", "words"), [(n, *rest) for n, rest in FAULTS.items()])
def test_a_bad_file_is_refused_by_name(good, name, content, words):
    (good / "dog" / name).write_bytes(content)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        error = refused(good)
    assert len(error.bad) == 1
    assert error.bad[0].path == good / "dog" / name
    assert words in error.bad[0].reason
    assert f"{good / 'dog' / name} " in str(error)
    assert "bad='skip'" in str(error)


def test_bad_files_are_skipped_and_named_if_that_is_asked_for(good):
    for name, (content, _) in FAULTS.items():
        (good / "dog" / name).write_bytes(content)
    photos = read_folder(good, 8, bad="skip")
    assert len(photos.images) == 12
    assert [one.path.name for one in photos.skipped] == sorted(FAULTS)


def test_pipes_and_dead_links_are_named_and_not_waited_for(good):
    os.mkfifo(good / "cat" / "pipe.jpg")
    (good / "cat" / "link.jpg").symlink_to(good / "nowhere.jpg")
    assert [one.reason for one in refused(good).bad] == ["is no regular file"] * 2


def test_a_file_without_permission_is_named(good, monkeypatch):
    from groundtruth.data import folder

    def locked(path, *_):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(folder.Image, "open", locked)
    error = refused(good)
    assert len(error.bad) == 12
    assert "Permission denied" in error.bad[0].reason
    assert "… and 2 more" in str(error)


def test_a_decoder_that_breaks_in_its_own_way_is_an_unreadable_file(good, monkeypatch):
    from groundtruth.data import folder

    def odd(_path, _size):
        raise IndexError

    monkeypatch.setattr(folder.photographs, "read", odd)
    assert refused(good).bad[0].reason == "cannot be read: IndexError"


def test_hidden_files_are_no_fault_and_loose_ones_are(good):
    (good / "cat" / ".DS_Store").write_bytes(b"x")
    (good / ".hidden").mkdir()
    assert len(read_folder(good, 8).images) == 12
    noisy(77).save(good / "loose.png")
    assert "outside the class folders" in refused(good).bad[0].reason


def test_a_copy_is_found_in_its_own_class_and_in_another(good):
    content = (good / "cat" / "0.png").read_bytes()
    (good / "cat" / "again.png").write_bytes(content)
    (good / "dog" / "again.png").write_bytes(content)
    photos = read_folder(good, 8, bad="skip")
    assert len(photos.images) == 12
    assert [str(one.reason) for one in photos.skipped] == [f"is a copy of {Path('cat') / '0.png'}"] * 2


def test_subfolders_of_a_class_belong_to_it(good):
    (good / "cat" / "2024").mkdir()
    noisy(50).save(good / "cat" / "2024" / "x.png")
    assert read_folder(good, 8).labels.tolist() == [0] * 7 + [1] * 6


def test_classes_with_too_few_pictures_are_refused(good):
    (good / "axolotl").mkdir()
    error = refused(good)
    assert "each class needs at least 5 pictures, and axolotl has 0" in str(error)
    noisy(60).save(good / "axolotl" / "one.png")
    (good / "axolotl" / "two.png").write_bytes(b"")
    error = refused(good, bad="skip")
    assert "axolotl has 1" in str(error)
    assert "two.png is empty" in str(error)
    assert len(read_folder(good, 8, bad="skip", at_least=1).images) == 13


def test_one_class_is_none(tmp_path):
    (tmp_path / "cat").mkdir()
    assert "has 1 subfolders" in str(refused(tmp_path))


@pytest.mark.parametrize(
    ("more", "words"),
    [({"bad": "ignore"}, "refuse"), ({"at_least": 0}, "at_least"), ({"max_pixels": 0}, "max_pixels")],
)
def test_arguments_out_of_range(good, more, words):
    with pytest.raises(ValueError, match=words):
        read_folder(good, 8, **more)
    with pytest.raises(ValueError, match="size"):
        read_folder(good, 0)


def test_a_missing_folder(tmp_path):
    with pytest.raises(FileNotFoundError, match="one subfolder a class"):
        read_folder(tmp_path / "none")


def test_the_module_gives_batches(good):
    data = ImageFolderDataModule(
        good, size=8, batch_size=4, validation=0.34, transform=lambda x: x / 255 - 0.5
    )
    assert data.class_names == ("cat", "dog")
    assert len(data.train_part.inputs) == 8
    assert data.validation_part.targets.tolist() == [0, 0, 1, 1]
    inputs, targets = next(iter(data.train_dataloader()))
    assert inputs.shape == (4, 3, 8, 8)
    assert inputs.min() >= -0.5
    assert targets.shape == (4,)
    for index, target in zip(data.train_indices, data.train_part.targets, strict=True):
        assert data.paths[index].parent.name == data.class_names[target]


def test_without_a_transform_channels_are_normalised(good):
    data = ImageFolderDataModule(good, size=8, batch_size=4)
    torch.testing.assert_close(data.train_part.inputs.mean(dim=(0, 2, 3)), torch.zeros(3), atol=1e-5, rtol=0)


def test_a_test_folder_needs_the_same_classes(good, tmp_path_factory):
    other = tmp_path_factory.mktemp("test")
    for name in ("cat", "dog"):
        (other / name).mkdir()
        noisy(len(name) * 7 + ord(name[0])).save(other / name / "0.png")
    (other / "dog" / "bad.png").write_bytes(b"")
    data = ImageFolderDataModule(good, size=8, batch_size=4, test_folder=other, bad="skip")
    assert data.test_part.targets.tolist() == [0, 1]
    assert [one.path.name for one in data.skipped] == ["bad.png"]
    (other / "eel").mkdir()
    noisy(5000).save(other / "eel" / "0.png")
    with pytest.raises(FolderError, match="has the classes cat, dog, eel; the training folder has cat, dog"):
        ImageFolderDataModule(good, size=8, batch_size=4, test_folder=other, bad="skip")
