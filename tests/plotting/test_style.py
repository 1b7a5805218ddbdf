"""The look: contrast, two drawings from one, and the same bytes from the same figure."""

import itertools
import re
import subprocess
import sys

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from groundtruth.plotting import style

PAGE = {"light": "#ffffff", "dark": "#131416"}


def luminance(colour):
    channels = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def sample():
    figure, axes = style.new_figure()
    axes.plot([0, 1, 2], [1, 3, 2], label="a curve", marker="o")
    axes.scatter([0.5, 1.5], [2, 2], color=style.RED, edgecolors=style.PAPER)
    axes.fill_between([0, 1, 2], [0, 1, 0], color=style.TEAL, alpha=0.2)
    axes.imshow(np.eye(4), extent=(0, 1, 0, 1), cmap="viridis", aspect="auto")
    axes.set(xlabel="epoch", title="−1 and $w_1$")
    axes.legend()
    return figure


@pytest.mark.parametrize("page", ["light", "dark"])
def test_text_and_series_stand_out_from_their_page(page):
    for token in style.TOKENS:
        if token.name not in ("grid", "paper"):
            assert contrast(getattr(token, page), PAGE[page]) >= 4.5, token


@pytest.mark.parametrize("page", ["light", "dark"])
def test_series_differ_in_more_than_hue(page):
    """Machado, Oliveira and Fernandes (2009), severity 1: no two series fall together for a colour-blind reader."""
    protan = [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ]
    deutan = [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ]
    tritan = [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ]
    series = [getattr(token, page) for token in style.TOKENS if token.light in style.SERIES]
    assert len(series) == 6

    def lab(colour, matrix):
        channels = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
        linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
        seen = np.clip(np.array(matrix) @ linear, 0, 1)
        xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ seen
        f = [t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116 for t in xyz / [0.9505, 1, 1.089]]
        return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])

    for matrix in (np.eye(3), protan, deutan, tritan):
        for one, other in itertools.combinations(series, 2):
            assert np.linalg.norm(lab(one, matrix) - lab(other, matrix)) > 14, (one, other)


def test_a_series_has_its_own_marker_and_dash():
    assert len(style.SERIES) == len(set(style.MARKERS)) == len({str(dash) for dash in style.DASHES}) == 6
    assert len({token.light for token in style.TOKENS} | {t.dark for t in style.TOKENS}) == 2 * len(
        style.TOKENS
    )


def test_the_same_figure_gives_the_same_bytes():
    assert style.to_svg(sample()) == style.to_svg(sample())
    # A square panel beside a legend of its own width: a layout that would creep from one drawing to the next.
    awkward, axes = style.new_figure(height=3.6)
    axes.plot([0, 1], [0, 1], label="a long name of a curve")
    axes.set(aspect="equal", xlabel="$x_1$", title="first")
    axes.legend(loc="center left", bbox_to_anchor=(1.02, 0.5))
    for figure in (sample(), awkward):
        assert len({style.to_svg(figure) for _ in range(3)}) == 1


def test_a_fresh_process_gives_the_same_bytes():
    code = (
        "import sys; sys.path[:0] = sys.argv[1:]; from test_style import sample; "
        "from groundtruth.plotting import style; sys.stdout.buffer.write(style.to_svg(sample()).encode())"
    )
    from pathlib import Path

    import groundtruth

    paths = [str(Path(__file__).parent), str(Path(groundtruth.__file__).parents[1])]
    done = subprocess.run([sys.executable, "-c", code, *paths], check=True, capture_output=True)
    assert done.stdout.decode() == style.to_svg(sample())


def test_svg_holds_what_a_page_needs_and_no_more():
    svg = style.to_svg(sample())
    assert svg.startswith("<svg ")
    for junk in ("<?xml", "<!DOCTYPE", "<metadata", "<!--", "<style", "matplotlib", "<text"):
        assert junk not in svg
    assert 'width="345.6pt"' in svg
    assert 'viewBox="0 0 345.6' in svg
    first = re.search(r"<path [^>]*>", svg)
    assert first is not None
    assert 'style="fill: none"' in first.group()  # the figure's own background
    referred = set(re.findall(r'(?:url\(#|href="#)([^")]+)', svg))
    assert referred == set(re.findall(r' id="([^"]*)"', svg))
    assert referred
    assert "image-rendering" in svg  # pixels stay pixels
    assert not re.search(r'\bd="[^"]*\d\.\d{3}', svg)


def test_only_tokens_are_used_by_default():
    assert style.foreign_colours(style.to_svg(sample())) == set()
    figure, axes = style.new_figure()
    axes.plot([0, 1], [0, 1], color="#123456")
    axes.plot([0, 1], [1, 0], color="tab:green")
    svg = style.to_svg(figure)
    assert style.foreign_colours(svg) == {"#123456", "#2ca02c"}
    assert style.foreign_colours(svg, allowed=["tab:green"]) == {"#123456"}


def test_darken_changes_tokens_and_nothing_else():
    figure, axes = style.new_figure()
    axes.plot([0, 1], [0, 1], color="#123456", marker="o")
    axes.scatter([0], [0], color=style.PURPLE, edgecolors=style.PAPER)
    axes.imshow(np.eye(3), aspect="auto")
    light = style.to_svg(figure)
    dark = style.darken(light)
    tokens = {token.light: token.dark for token in style.TOKENS}
    for colour in set(re.findall(r"(?<=[: ])#[0-9a-f]{6}\b", light)):
        assert tokens.get(colour, colour) in dark
        assert (colour in dark) == (colour not in tokens)
    picture = re.search(r"base64,[^\"]*", light)
    assert picture is not None
    assert picture.group() in dark
    ids = re.compile(r' id="([^"]*)"')
    assert {f"{name}-dark" for name in ids.findall(light)} == set(ids.findall(dark))
    referred = set(re.findall(r'(?:url\(#|href="#)([^")]+)', dark))
    assert referred == set(ids.findall(dark))
    undone = dark.replace("-dark", "")
    for light_value, dark_value in tokens.items():
        undone = undone.replace(dark_value, light_value)
    assert undone == light


def test_new_figure_is_free_of_pyplot_state():
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); from groundtruth.plotting import style; style.new_figure(2);"
        "sys.exit('matplotlib.pyplot' in sys.modules)"
    )
    from pathlib import Path

    import groundtruth

    subprocess.run([sys.executable, "-c", code, str(Path(groundtruth.__file__).parents[1])], check=True)


def test_new_figure_has_the_shape_asked_for():
    figure, axes = style.new_figure(height=2.0)
    assert isinstance(figure, Figure)
    assert isinstance(axes, Axes)
    assert figure.get_size_inches().tolist() == [4.8, 2.0]
    figure, panels = style.new_figure(2, 3, height=1.5, bare=True)
    assert len(panels) == 6
    assert figure.get_size_inches().tolist() == [4.8, 3.0]
    assert not panels[0].axison
    assert panels[1].get_position().x0 > panels[0].get_position().x0
    _, shared = style.new_figure(2, share_x=True)
    shared[0].set_xlim(0, 7)
    assert shared[1].get_xlim() == (0, 7)
    with pytest.raises(ValueError, match="at least one panel"):
        style.new_figure(0)
