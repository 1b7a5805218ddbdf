"""Pictures of the reader's own: every mode and size, turned upright, and errors that say what is wrong."""

import numpy as np
import pytest
import torch
from PIL import Image

from groundtruth.data.photographs import read

MODES = ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "I;16", "I", "F"]
SUFFIX = {"CMYK": "tif", "YCbCr": "tif", "F": "tif", "I": "tif"}


def saved(folder, picture, name="one.png", **settings):
    picture.save(folder / name, **settings)
    return folder / name


def halves(width=40, height=40):
    """A picture whose left half is red and whose right half is blue."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[:, : width // 2, 0] = 255
    pixels[:, width // 2 :, 2] = 255
    return Image.fromarray(pixels)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("size", [(32, 32), (7, 50), (301, 200), (1, 1)])
def test_every_mode_and_size_is_read(tmp_path, mode, size):
    if mode == "I;16":
        picture = Image.fromarray(np.full(size[::-1], 40_000, np.uint16))
    else:
        light = Image.new("RGB", size, (200, 200, 200))
        picture = (
            light.quantize() if mode == "P" else light.convert("L" if mode in "IF" else "RGB").convert(mode)
        )
    found = read(saved(tmp_path, picture, f"one.{SUFFIX.get(mode, 'png')}"))
    assert found.dtype == torch.uint8
    assert found.shape == (3, 32, 32)
    assert found.is_contiguous()
    if mode not in ("1", "I;16"):
        assert (found.float() - 200).abs().max() <= 6
    if mode == "I;16":
        assert (found.float() - 40_000 / 257).abs().max() <= 1


def test_channels_rows_and_columns_stay_where_they_are(tmp_path):
    left_red = read(saved(tmp_path, halves()))
    assert left_red[:, 5, 3].tolist() == [255, 0, 0]
    assert left_red[:, 5, 28].tolist() == [0, 0, 255]
    top_red = read(saved(tmp_path, halves().rotate(-90)))
    assert top_red[:, 3, 5].tolist() == [255, 0, 0]


def test_a_picture_of_the_right_size_is_read_byte_for_byte(tmp_path):
    pixels = torch.randint(256, (3, 32, 32), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)
    picture = Image.fromarray(pixels.permute(1, 2, 0).numpy())
    assert torch.equal(read(saved(tmp_path, picture)), pixels)
    small = read(saved(tmp_path, picture), size=1)  # averaged, not picked
    assert (small.flatten().float() - pixels.float().mean(dim=(1, 2))).abs().max() <= 1


def test_the_middle_square_is_taken(tmp_path):
    wide = Image.new("RGB", (96, 32), "red")
    wide.paste(Image.new("RGB", (32, 32), "lime"), (32, 0))
    assert (read(saved(tmp_path, wide)) == torch.tensor([0, 255, 0])[:, None, None]).all()


def test_the_camera_says_which_way_is_up(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: show it rotated by a quarter to the right
    path = saved(tmp_path, halves(), "turned.jpg", exif=exif, quality=95)
    upright = read(path).float()
    assert upright[0, 3, 16] > 200  # red is on top
    assert upright[2, 28, 16] > 200


@pytest.mark.parametrize("form", ["RGBA", "LA", "P"])
def test_transparent_becomes_white(tmp_path, form):
    if form == "P":
        picture, settings = Image.new("P", (8, 8), 0), {"transparency": 0}
    else:
        picture, settings = Image.new(form, (8, 8), 0), {}
    assert (read(saved(tmp_path, picture, **settings)) == 255).all()


def test_errors_say_what_is_wrong(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"there is no file .*absent\.png"):
        read(tmp_path / "absent.png")
    with pytest.raises(FileNotFoundError, match="there is no file"):
        read(tmp_path)
    (tmp_path / "words.png").write_text("no picture")
    with pytest.raises(ValueError, match=r"words\.png is no picture"):
        read(tmp_path / "words.png")
    (tmp_path / "empty.jpg").touch()
    with pytest.raises(ValueError, match=r"empty\.jpg is no picture"):
        read(tmp_path / "empty.jpg")
    whole = saved(tmp_path, Image.effect_noise((200, 200), 50), "noise.png").read_bytes()
    (tmp_path / "cut.png").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ValueError, match=r"cut\.png cannot be read"):
        read(tmp_path / "cut.png")
    with pytest.raises(ValueError, match="size"):
        read(tmp_path / "noise.png", size=0)


def test_a_path_may_be_text_and_begin_at_home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    saved(tmp_path, halves(), "mine.png")
    assert torch.equal(read("~/mine.png"), read(str(tmp_path / "mine.png")))
