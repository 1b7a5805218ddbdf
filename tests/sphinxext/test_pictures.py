"""Photographs in a drawing become lighter; what is small, and what hardly gains, stays as it is."""

import base64
import io
import re

import numpy as np
from PIL import Image

from groundtruth.sphinxext.pictures import lighter

rng = np.random.default_rng(0)


def drawing(pixels: np.ndarray) -> str:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format="png")
    return f'<svg><image href="data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"/></svg>'


def photograph(side: int) -> np.ndarray:
    """Something smooth with a little noise, as a camera gives it."""
    x, y = np.meshgrid(np.linspace(0, 3, side), np.linspace(0, 2, side))
    smooth = np.stack([np.sin(x + y), np.cos(x - y), np.sin(x * y)], axis=-1) * 100 + 128
    return (smooth + rng.normal(0, 4, smooth.shape)).clip(0, 255).astype(np.uint8)


def test_a_photograph_becomes_lighter_and_looks_the_same():
    pixels = photograph(200)
    svg = drawing(pixels)
    light = lighter(svg)
    assert len(light) < 0.5 * len(svg)
    found = re.search(r"data:image/webp;base64,([^\"]*)", light)
    seen = np.asarray(Image.open(io.BytesIO(base64.b64decode(found[1]))).convert("RGB"))
    assert seen.shape == pixels.shape
    assert np.abs(seen.astype(int) - pixels).mean() < 5
    assert lighter(svg) == light


def test_transparency_is_kept():
    pixels = np.dstack([photograph(200), np.full((200, 200), 128, np.uint8)])
    found = re.search(r"data:image/webp;base64,([^\"]*)", lighter(drawing(pixels)))
    assert Image.open(io.BytesIO(base64.b64decode(found[1]))).mode == "RGBA"


def test_pixels_that_are_looked_at_stay_as_they_are():
    svg = drawing(np.kron(photograph(64), np.ones((1, 3, 1), np.uint8)))  # wide, but low
    assert lighter(svg) == svg
    small = drawing(photograph(28))
    assert lighter(small) == small


def test_what_hardly_gains_stays_as_it_is():
    svg = drawing(
        rng.integers(0, 255, (300, 300), np.uint8).astype(np.uint8) // 128 * 255
    )  # noise of two values
    assert lighter(svg) == svg
