"""The picture beside a link: its size, its weight, and that it is drawn when something on it has changed."""

import base64
import io
from dataclasses import replace

import pytest
from PIL import Image

from groundtruth.sphinxext import preview

CARD = preview.Card("What is deep learning?", "Ideas", "A book", "")


def diagram() -> str:
    buffer = io.BytesIO()
    Image.linear_gradient("L").save(buffer, format="png")
    return base64.b64encode(buffer.getvalue()).decode()


@pytest.mark.parametrize("card", [CARD, replace(CARD, drawing=diagram()), replace(CARD, title="Word " * 30)])
def test_a_picture_has_the_right_size_and_little_weight(card):
    png = preview.draw(card)
    assert Image.open(io.BytesIO(png)).size == preview.SIZE
    assert len(png) < 60_000
    assert preview.draw(card) == png


@pytest.mark.parametrize(
    "title", ["Convolution", "Loss and gradient descent", "Inconceivably longlonglongwords stand here"]
)
@pytest.mark.parametrize("drawing", ["", diagram()])
def test_the_title_stays_on_the_picture(title, drawing):
    pixels = Image.open(io.BytesIO(preview.draw(replace(CARD, title=title, drawing=drawing)))).convert("L")
    assert pixels.crop((1170, 0, 1200, 630)).getextrema()[0] > 200


def test_it_is_drawn_once_and_again_when_the_card_changes(tmp_path, monkeypatch):
    drawn = []
    draw = preview.draw
    monkeypatch.setattr(preview, "draw", lambda card: drawn.append(card) or draw(card))
    path, kept = tmp_path / "site" / "alpha.png", tmp_path / "kept"
    preview.write(path, CARD, kept)
    first = path.read_bytes()
    path.unlink()
    preview.write(path, CARD, kept)
    assert path.read_bytes() == first
    assert len(drawn) == 1
    preview.write(path, replace(CARD, title="Another title"), kept)
    assert path.read_bytes() != first
    assert len(drawn) == 2
