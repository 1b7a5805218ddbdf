"""Live figures in a reader's browser: what they compute against PyTorch, by keyboard, without scripts, on paper.

Most tests use a page of their own with a figure of each kind, so that they need no built book; those at the end open
the book's pages, and compare the network that the build has trained.
"""

import base64
import json
import os
import re
import shutil
from pathlib import Path
from urllib.parse import unquote, urlsplit

import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812 - the field's name for it
from torch import nn

from groundtruth.data import mnist
from groundtruth.live import LIMIT, packed, steps_of
from groundtruth.models.folding import folded
from groundtruth.scratch.losses import gradient, hessian, kiosk, least_squares, squared_loss
from groundtruth.scratch.perceptron import Perceptron, novikoff_bound

HTML = Path(os.environ.get("GROUNDTRUTH_HTML", Path(__file__).parents[2] / "_build" / "html")).resolve()
PHONE = {"width": 320, "height": 640}
KINDS = ("digit-network", "descent", "convolution", "perceptron")
TOLERANCE = 1e-4
TOUCH = {"has_touch": True, "is_mobile": True, "viewport": PHONE}


# What ends beyond the screen; inside a drawing, lines may, for it is cut at its frame.
WIDER = """() => [...document.querySelectorAll('article *')].filter(e => !e.closest('svg *, .gt-hidden') &&
  e.getBoundingClientRect().width && e.getBoundingClientRect().right > document.documentElement.clientWidth + 1 &&
  !(() => { for (let p = e.parentElement; p && !p.matches('article'); p = p.parentElement)
    if (getComputedStyle(p).overflowX !== 'visible') return true; return false; })())
  .map(e => e.tagName + '.' + e.getAttribute('class')).slice(0, 5)"""


# --- a page with a figure of each kind --------------------------------------------------------------------


class Largest(nn.Module):
    def forward(self, maps):
        return maps.amax(dim=(2, 3))


def digit_network() -> dict:
    """A network of random weights that looks like the book's, and what PyTorch answers to a hundred digits."""
    torch.manual_seed(0)
    net = nn.Sequential(
        nn.Conv2d(1, 8, 5, stride=2, padding=2, bias=False), nn.BatchNorm2d(8), nn.ReLU(),
        nn.Conv2d(8, 12, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), Largest(), nn.Linear(12, 10),
    )  # fmt: skip
    digits = mnist.load()
    pixels = digits.test_images[:100]  # (100, 1, 28, 28)
    scaled = (pixels.float() / 255 - 0.13) / 0.31
    net(scaled)  # running means and variances
    net.eval()
    with torch.no_grad():
        logits = 5 * net(scaled)  # apart from each other, as those of a trained network are
        net[-1].weight.mul_(5)
        net[-1].bias.mul_(5)
    return {
        "side": 28, "mean": 0.13, "std": 0.31, "steps": steps_of(folded(net), {Largest: "largest"}),
        "titles": [{"step": 1, "columns": 8, "text": "First"}, {"step": 5, "columns": 48, "text": "Largest"}],
        "labels": [str(one) for one in range(10)], "facts": "Random weights.",
        "examples": {"pixels": packed(pixels[:, 0], "uint8"), "labels": digits.test_labels[:100].tolist(),
                     "logits": packed(logits)},
    }  # fmt: skip


def descent() -> dict:
    x, y = (part.double() for part in kiosk())
    best = least_squares(x, y)
    return {
        "hessian": hessian(x).tolist(), "best": best.tolist(), "lowest": float(squared_loss(best, x, y)),
        "names": ["weight w", "bias b"], "symbols": ["w", "b"], "range": [[0, 18], [-20, 36]],
        "levels": [570, 1000, 4000], "start": [2, 22], "rate": 0.0139, "steps": 40,
        "baseline": {"loss": 1104.9, "text": "always the mean"},
    }  # fmt: skip


def convolution() -> dict:
    generator = torch.Generator().manual_seed(0)
    picture = (torch.rand(9, 9, generator=generator) > 0.5).long().tolist()
    kernels = torch.randint(-3, 4, (3, 3, 3), generator=generator).tolist()
    return {"picture": picture, "chosen": 0,
            "kernels": [{"name": f"kernel {i}", "rows": rows} for i, rows in enumerate(kernels)]}  # fmt: skip


def perceptron() -> dict:
    sets = [{"name": "XOR", "points": [[0, 0, 0], [0, 1, 1], [1, 0, 1], [1, 1, 0]], "bound": None}]
    for seed in range(12):
        generator = torch.Generator().manual_seed(seed)
        points = 2 * torch.rand(4 + seed, 2, generator=generator, dtype=torch.float64) - 1
        labels = (points[:, 0] + 0.4 * points[:, 1] + 0.1 > 0).long()
        unit = Perceptron.zeros(2)
        history = unit.fit(points, labels, 100_000)
        assert history.converged
        rows = torch.cat([points, labels[:, None].double()], dim=1).tolist()
        known = {"mistakes": sum(history.mistakes), "end": [*unit.weights.tolist(), unit.bias]}
        known["bound"] = novikoff_bound(points, labels).mistakes
        sets.append({"name": f"cloud {seed}", "points": rows, **known})
    return {"range": [[-1.5, 1.5], [-1.5, 1.5]], "sets": sets, "chosen": 1}


@pytest.fixture(scope="module")
def site(tmp_path_factory, write) -> Path:
    """A folder with a page that has a figure of each kind."""
    folder = tmp_path_factory.mktemp("live")
    (folder / "live").mkdir()
    figures = ""
    for kind, make in zip(KINDS, (digit_network, descent, convolution, perceptron), strict=True):
        data = json.dumps(make(), allow_nan=False)
        (folder / "live" / f"data-{kind}.js").write_text(
            f'GROUNDTRUTH_LIVE.data["page/{kind}"] = {data};', "utf-8"
        )
        pictures = "".join(
            f'<img class="gt-{theme}" src="picture.svg" alt="A still of {kind}." width="300" height="150">'
            for theme in ("light", "dark")
        )
        figures += (
            f'<figure class="gt-figure gt-live" id="fig-{kind}">{pictures}<div class="gt-live-start">'
            f'<button type="button" data-key="page/{kind}" data-kind="{kind}" data-folder="live/" '
            f'data-scripts="common.js?v=1 {kind}.js?v=1 data-{kind}.js?v=1">Try {kind}</button></div>'
            f'<figcaption><p><span class="caption-text">A caption of {kind}.</span></p></figcaption></figure>'
        )
    return write(folder, f"<h1>Live</h1>{figures}", '<script src="live/start.js" defer></script>')


@pytest.fixture
def tab(visitor):
    """Open a page and start figures on it; what the page complained of is looked at when the test ends."""
    opened = []

    def open_(address, *kinds, **options):
        page, log = visitor.page(**options)
        opened.append((page, log))
        page.goto(address if isinstance(address, str) else address.as_uri(), wait_until="load")
        for kind in kinds:
            start(page, kind)
        return page

    yield open_
    complaints = [log for _, log in opened]
    for page, _ in opened:
        page.context.close()
    for log in complaints:
        assert not log["strangers"], log
        assert not log["missing"], log
        assert not log["console"], log


def start(page, kind):
    page.locator(f".gt-live-start button[data-kind={kind}]").first.click()
    page.locator(f".gt-live-box.gt-live-{kind}").wait_for()


def box(page, kind):
    return page.locator(f".gt-live-box.gt-live-{kind}")


def said(page, kind) -> str:
    """What a screen reader is told, once the pause is over."""
    page.wait_for_timeout(500)
    return box(page, kind).locator(".gt-live-said").inner_text()


# --- what they compute ------------------------------------------------------------------------------------

FORWARD = """box => { const {forward, softmax, example, data} = box.live; const out = [];
  for (let n = 0; n < data.examples.labels.length; n++) {
    const logits = Array.from(forward(data, example(data, n)).pop().data);
    out.push([logits, softmax(logits)]);
  } return out; }"""


def unpacked(one: dict) -> torch.Tensor:
    kind = {"float32": np.float32, "uint8": np.uint8}[one["type"]]
    return torch.from_numpy(np.frombuffer(base64.b64decode(one["base64"]), kind).reshape(one["shape"]).copy())


def in_torch(data: dict) -> torch.Tensor:
    """The logits of the network in a figure's data, computed by PyTorch: (N, 10)."""
    x = (unpacked(data["examples"]["pixels"])[:, None].float() / 255 - data["mean"]) / data["std"]
    for step in data["steps"]:
        if "weight" in step:
            weight, bias = unpacked(step["weight"]), unpacked(step["bias"])
        x = {
            "conv": lambda x: F.conv2d(x, weight, bias, step["stride"], step["padding"]),  # noqa: B023
            "linear": lambda x: F.linear(x, weight, bias),  # noqa: B023
            "relu": F.relu,
            "pool": lambda x: F.max_pool2d(x, step["size"]),  # noqa: B023
            "largest": lambda x: x.amax(dim=(2, 3)),
            "flatten": lambda x: x.flatten(1),
        }[step["op"]](x)
    return x


def check_network(page, data):
    """The page's logits and probabilities are PyTorch's on 100 test digits."""
    found = box(page, "digit-network").evaluate(FORWARD)
    logits = torch.tensor([one[0] for one in found])
    shares = torch.tensor([one[1] for one in found])
    assert len(logits) == 100
    for theirs in (unpacked(data["examples"]["logits"]), in_torch(data)):
        assert float((logits - theirs).abs().max()) <= TOLERANCE
        assert float((shares - theirs.softmax(dim=1)).abs().max()) <= TOLERANCE
    assert logits.std() > 0.1, "the answers hardly differ, and prove nothing"


def test_the_network_answers_as_pytorch_does(tab, site):
    check_network(tab(site, "digit-network"), digit_network())


def test_a_fault_in_the_network_would_be_seen(tab, site):
    page, data = tab(site, "digit-network"), digit_network()
    box(page, "digit-network").evaluate("box => { box.live.data.steps[0].weights[7] += 0.01; }")
    with pytest.raises(AssertionError):
        check_network(page, data)


def test_the_page_says_how_near_it_is_to_pytorch(tab, site):
    page = tab(site, "digit-network")
    page.get_by_role("button", name="Compare with PyTorch").click()
    page.get_by_text("On 100 test digits").wait_for()
    gaps = box(page, "digit-network").evaluate("box => box.live.compare(box.live.data)")
    assert gaps["examples"] == 100
    assert 0 < gaps["logits"] <= TOLERANCE


def test_a_drawing_is_prepared_as_mnist_was(tab, site):
    """Scaled to 20 pixels, and its centre of mass at pixel (14, 14), wherever and however large it is drawn."""
    page = tab(site, "digit-network")
    for left, top, wide, high in ((10, 10, 60, 120), (150, 30, 100, 40), (5, 200, 30, 70)):
        pixels = box(page, "digit-network").evaluate(
            """(box, [left, top, wide, high]) => { const ink = new Uint8Array(280 * 280);
              for (let y = top; y < top + high; y++) for (let x = left; x < left + wide; x++) ink[280 * y + x] = 255;
              return Array.from(box.live.centred(ink, 280, 28)); }""",
            [left, top, wide, high],
        )
        picture = torch.tensor(pixels).reshape(28, 28).double()
        inked = (picture > 0).nonzero()
        sides = (inked.amax(dim=0) - inked.amin(dim=0) + 1).tolist()
        assert max(sides) == 20
        assert min(sides) == pytest.approx(20 * min(wide, high) / max(wide, high), abs=1)
        centre = (inked.double() * picture[picture > 0][:, None]).sum(dim=0) / picture.sum()
        assert (centre - 14).abs().max() <= 0.5


@pytest.mark.parametrize(
    ("rate", "momentum", "steps"), [(0.0139, 0, 40), (0.0285, 0, 60), (0.002, 0.9, 150), (0.0139, 0.98, 80)]
)
def test_the_walk_is_that_of_pytorch(tab, site, rate, momentum, steps):
    x, y = (part.double() for part in kiosk())
    at = torch.tensor([2.0, 22.0], dtype=torch.float64).requires_grad_()
    optimizer = torch.optim.SGD([at], lr=rate, momentum=momentum)
    for _ in range(steps):
        at.grad = gradient(at.detach(), x, y)
        optimizer.step()
    page = tab(site, "descent")
    path = box(page, "descent").evaluate(
        "(box, [rate, momentum, steps]) => box.live.walk(box.live.data, [2, 22], rate, momentum, steps)",
        [rate, momentum, steps],
    )
    assert len(path) == steps + 1
    assert path[-1] == pytest.approx(at.tolist(), rel=1e-9)
    height = box(page, "descent").evaluate("(box, at) => box.live.loss(box.live.data, at)", path[-1])
    assert height == pytest.approx(float(squared_loss(at.detach(), x, y)), rel=1e-9)


@pytest.mark.parametrize("momentum", [0, 0.5, 0.9])
def test_the_edge_is_where_the_walk_turns(tab, site, momentum):
    page = tab(site, "descent")
    ratios = box(page, "descent").evaluate(
        """(box, momentum) => { const {walk, edge, bends, loss, data} = box.live;
          const top = edge(bends(data.hessian)[1].value, momentum);
          return [0.98, 1.02].map(share => { const path = walk(data, [2, 22], share * top, momentum, 1200);
            return (loss(data, path[1200]) - data.lowest) / (loss(data, path[0]) - data.lowest); }); }""",
        momentum,
    )
    assert ratios[0] < 1e-6
    assert ratios[1] is None or ratios[1] > 1e6


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("padding", [0, 1])
def test_the_map_is_that_of_pytorch(tab, site, stride, padding):
    page, data = tab(site, "convolution"), convolution()
    for kernel in data["kernels"]:
        found = box(page, "convolution").evaluate(
            "(box, [picture, kernel, s, p]) => box.live.convolve(picture, kernel, s, p)",
            [data["picture"], kernel["rows"], stride, padding],
        )
        picture, weights = torch.tensor(data["picture"]).float(), torch.tensor(kernel["rows"]).float()
        assert (
            found == F.conv2d(picture[None, None], weights[None, None], None, stride, padding)[0, 0].tolist()
        )


def test_mistakes_bound_and_weights_are_those_of_the_package(tab, site):
    page, data = tab(site, "perceptron"), perceptron()
    found = box(page, "perceptron").evaluate(
        """box => box.live.data.sets.map(one => { const unit = box.live.fresh(); let left = 5000;
          while (left-- && box.live.step(unit, one.points) >= 0);
          const bound = box.live.bound(one.points);
          return {mistakes: unit.mistakes, end: [...unit.w, unit.b], bound: bound && bound.mistakes}; })"""
    )
    assert found[0]["bound"] is None
    assert found[0]["mistakes"] == 5000
    for here, there in zip(found[1:], data["sets"][1:], strict=True):
        assert here["mistakes"] == there["mistakes"]
        assert here["end"] == pytest.approx(there["end"], abs=1e-9)
        assert here["bound"] == pytest.approx(there["bound"], rel=1e-6)
        assert here["mistakes"] <= here["bound"]


# --- by keyboard ------------------------------------------------------------------------------------------


def focused(page) -> str:
    return page.evaluate("document.activeElement.getAttribute('class') || document.activeElement.tagName")


@pytest.mark.parametrize("kind", KINDS)
def test_the_button_is_reached_and_the_focus_goes_on(tab, site, kind):
    page = tab(site)
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.dataset.kind") == kind:
            break
    page.keyboard.press("Enter")
    box(page, kind).wait_for()
    assert page.evaluate("!!document.activeElement.closest('.gt-live-box')")
    assert page.locator(f"#fig-{kind} .gt-live-start").count() == 0
    assert page.locator(f"#fig-{kind} img:visible").count() == 0


def test_a_digit_is_drawn_by_keyboard(tab, site):
    page = tab(site, "digit-network")
    assert "gt-live-pad" in focused(page)
    assert "Nothing is drawn" in said(page, "digit-network")
    page.keyboard.press("Space")
    for _ in range(12):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    assert "The network reads" in said(page, "digit-network")
    ink = "() => { const c = document.querySelector('.gt-live-pad canvas'); let n = 0;\
      const d = c.getContext('2d').getImageData(0, 0, 280, 280).data;\
      for (let i = 3; i < d.length; i += 4) n += d[i] > 0; return n; }"
    drawn = page.evaluate(ink)
    assert drawn > 120 * 15
    page.keyboard.press("ArrowRight")  # the pen is up: nothing is drawn
    assert page.evaluate(ink) == drawn
    page.keyboard.press("e")
    page.keyboard.press("Space")
    for _ in range(6):
        page.keyboard.press("ArrowUp")
    assert page.evaluate(ink) < drawn
    page.keyboard.press("Delete")
    assert page.evaluate(ink) == 0
    assert "Nothing is drawn" in said(page, "digit-network")


def test_a_test_digit_stays_as_it_is_and_can_be_moved(tab, site):
    page = tab(site, "digit-network")
    page.get_by_role("button", name="Test digit").click()
    first = said(page, "digit-network")
    assert re.search(r"Test digit, labelled \d", first)
    assert not page.get_by_role("checkbox").is_checked()
    shown = "() => { const c = document.querySelector('.gt-live-seen canvas');\
      return [...c.getContext('2d').getImageData(0, 0, 28, 28).data].filter((_, i) => i % 4 === 3); }"
    pixels = torch.tensor(page.evaluate(shown)).reshape(28, 28)
    truth = mnist.load().test_images[0, 0].int()
    assert (pixels.int() - truth).abs().max() <= 1
    page.get_by_role("button", name="Move right by a pixel").click()
    page.wait_for_timeout(200)
    moved = torch.tensor(page.evaluate(shown)).reshape(28, 28)
    assert (moved[:, 1:].int() - pixels[:, :-1].int()).abs().max() <= 1


def test_rate_and_momentum_are_set_by_keyboard(tab, site):
    page = tab(site, "descent")
    first = said(page, "descent")
    assert "converges" in first
    page.keyboard.press("End")  # the largest rate
    assert "diverges" in said(page, "descent")
    page.get_by_role("button", name="Just below the edge").click()
    assert "converges" in said(page, "descent")
    page.get_by_role("button", name="Just above it").click()
    assert "diverges" in said(page, "descent")
    page.get_by_label("Momentum β").press("PageUp")
    assert "converges" in said(page, "descent")  # momentum has moved the edge
    page.get_by_role("button", name="Start again").click()
    assert said(page, "descent") == first
    assert page.get_by_label("Learning rate η").get_attribute("aria-valuetext")


def test_pixels_and_windows_by_keyboard(tab, site):
    page = tab(site, "convolution")
    first = page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert first.startswith("row 1, column 1: ")
    page.keyboard.press("Space")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") != first
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')").startswith("row 2, column 2: ")
    page.locator(".gt-live-answer [tabindex='0']").focus()
    page.keyboard.press("ArrowRight")
    assert "Row 1, column 2 of the map" in said(page, "convolution")
    assert page.locator(".gt-live-image .gt-live-window").count() == 9
    page.get_by_label("Kernel, row 2, column 2").fill("7")
    assert page.get_by_label("Kernel:").input_value() == "own"
    page.get_by_label("Stride").select_option("2")
    assert page.locator(".gt-live-answer [role=gridcell]").count() == 16


@pytest.mark.parametrize("options", [{}, TOUCH], ids=["desktop", "phone"])
def test_weights_of_any_size_leave_every_number_in_its_place(tab, site, options):
    page = tab(site, "convolution", **options)
    page.get_by_label("Padding").select_option("1")  # the most places
    for row, column, value, shown in (
        (1, 1, "123456.789", "99"),
        (3, 2, "-1e9", "-99"),
        (2, 2, "-0.33333", "-0.33"),
    ):
        field = page.get_by_label(f"Kernel, row {row}, column {column}")
        field.fill(value)
        assert f"row {row}, column {column} is now {shown.replace('-', '−')}" in said(page, "convolution")
        field.blur()
        assert field.input_value() == shown
    wide = """cells => cells.filter(cell => { const range = document.createRange(); range.selectNodeContents(cell);
      return range.getBoundingClientRect().width > cell.getBoundingClientRect().width; }).map(c => c.textContent)"""
    assert not page.locator(".gt-live-answer [role=gridcell]").evaluate_all(wide)


def test_the_kernel_tells_what_it_did_to_the_map_and_starts_again(tab, site):
    page = tab(site, "convolution")
    state = """box => [...box.querySelectorAll('[role=gridcell]')].map(c =>
      c.textContent + c.getAttribute('aria-label')).concat(
      [...box.querySelectorAll('input, select')].map(e => e.value))"""
    before = box(page, "convolution").evaluate(state)
    field = page.get_by_label("Kernel, row 2, column 2")
    heard = []
    for value in ("7", "8", ""):
        field.fill(value)
        heard.append(said(page, "convolution"))
    assert len(set(heard)) == 3
    assert all("the map, of 7 × 7, runs from" in text for text in heard)
    field.blur()
    assert field.input_value() == "0"
    page.get_by_label("Kernel:").select_option("1")
    assert "The kernel is now: kernel 1" in said(page, "convolution")
    page.get_by_label("Stride").select_option("2")
    page.get_by_role("button", name="Clear").click()
    assert box(page, "convolution").evaluate(state) != before
    page.get_by_role("button", name="Start again").click()
    assert box(page, "convolution").evaluate(state) == before


def test_a_finger_scrolls_past_the_map_and_takes_hold_of_the_ring(tab, site):
    page = tab(site, "descent", **TOUCH)
    assert page.locator(".gt-live-map").evaluate("e => getComputedStyle(e).touchAction") == "pan-y"
    assert (
        page.locator(".gt-live-map .gt-live-reach").evaluate("e => getComputedStyle(e).touchAction") == "none"
    )
    first = said(page, "descent")
    page.locator(".gt-live-map").tap(position={"x": 200, "y": 40})
    assert said(page, "descent") != first
    second = said(page, "descent")
    page.locator(".gt-live-map").evaluate(
        """map => { const at = map.getBoundingClientRect();
          const fire = (type, y) => map.dispatchEvent(new PointerEvent(type, {pointerId: 7, pointerType: "touch",
            clientX: at.left + 120, clientY: at.top + y, bubbles: true}));
          fire("pointerdown", 150); fire("pointermove", 90); fire("pointercancel", 90); }"""
    )
    assert said(page, "descent") == second, "a finger that scrolls must not move the start"


def test_points_are_moved_by_keyboard_and_the_rule_starts_again(tab, site):
    page = tab(site, "perceptron")
    page.keyboard.press("Enter")
    assert said(page, "perceptron").startswith("Mistake 1: point")
    page.get_by_role("button", name="Run to the end").click()
    assert "A whole pass without a mistake" in said(page, "perceptron")
    point = page.locator(".gt-live-point").first
    point.focus()
    before = point.get_attribute("aria-label")
    page.keyboard.press("ArrowRight")
    assert point.get_attribute("aria-label") != before
    assert "starts at zero" in said(page, "perceptron")
    page.keyboard.press("Enter")
    assert (
        re.search(r"label (\d)", before)[1] != re.search(r"label (\d)", point.get_attribute("aria-label"))[1]
    )
    page.get_by_label("Points:").select_option(label="XOR")
    page.get_by_role("button", name="Run to the end").click()
    assert "It never ends" in said(page, "perceptron")


# --- by pointer and by touch ------------------------------------------------------------------------------


def test_a_stroke_is_drawn_by_pointer(tab, site):
    page = tab(site, "digit-network")
    at = page.locator(".gt-live-pad").bounding_box()
    page.mouse.move(at["x"] + 140, at["y"] + 40)
    page.mouse.down()
    page.mouse.move(at["x"] + 140, at["y"] + 240, steps=6)
    page.mouse.up()
    assert "The network reads" in said(page, "digit-network")


def test_a_point_is_dragged(tab, site):
    page = tab(site, "perceptron")
    point = page.locator(".gt-live-point").first
    point.scroll_into_view_if_needed()
    before, at = point.get_attribute("aria-label"), point.bounding_box()
    page.mouse.move(at["x"] + at["width"] / 2, at["y"] + at["height"] / 2)
    page.mouse.down()
    page.mouse.move(at["x"] + 60, at["y"] + 60, steps=4)
    page.mouse.up()
    assert point.get_attribute("aria-label") != before


# --- how they look, and what is left without them -----------------------------------------------------------


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_on_started_figures(tab, site, theme):
    from axe_playwright_python.sync_playwright import Axe

    page = tab(site, *KINDS, color_scheme=theme)
    page.get_by_role("button", name="Test digit").click()
    page.get_by_role("button", name="Next mistake").click()
    page.wait_for_timeout(500)
    result = Axe().run(page, options={"resultTypes": ["violations"], "preload": False})
    assert not result.response["violations"], result.generate_report()


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_wider_than_a_phone(tab, site, kind):
    page = tab(site, kind, **TOUCH)
    wide = page.evaluate(WIDER)
    assert not wide, wide


def test_what_is_told_stands_by_what_was_done(tab, site):
    """The answer is below the pad, which leaves room for it; the map, and what is said of it, follow the picture."""
    page = tab(site, "digit-network", "convolution", viewport={"width": 700, "height": 360})
    # In one look: the page may still be scrolling.
    pad, below = box(page, "digit-network").evaluate(
        """figure => {
          const [pad, said] = [".gt-live-pad", ".gt-live-said"]
            .map(name => figure.querySelector(name).getBoundingClientRect());
          return [pad.height, said.top - pad.bottom];
        }"""
    )
    assert pad <= 0.6 * 360 + 1
    assert 0 <= below < 40
    order = ".gt-live-image, .gt-live-answer, .gt-live-said, .gt-live-kernel"
    names = (
        box(page, "convolution")
        .locator(order)
        .evaluate_all("all => all.map(e => e.className.split(' ').pop())")
    )
    assert names == ["gt-live-image", "gt-live-answer", "gt-live-said", "gt-live-kernel"]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_labels_keep_the_colours_of_the_picture(tab, site, theme):
    """Label 1 and the half that is answered with it are blue and label 0 is orange, as the chapter draws them."""
    page = tab(site, "perceptron", color_scheme=theme)
    page.get_by_role("button", name="Run to the end").click()

    def blue(selector):
        colour = page.locator(selector).first.evaluate("e => getComputedStyle(e).fill")
        red, _, third = (int(part) for part in re.findall(r"\d+", colour)[:3])
        return third > red

    assert blue(".gt-live-label-1 .gt-live-shape")
    assert blue(".gt-live-half")
    assert not blue(".gt-live-label-0 .gt-live-shape")


def test_ink_is_dark_on_light_pages_and_light_on_dark_ones(tab, site):
    for theme, turned in (("light", "invert(0)"), ("dark", "invert(1)")):
        page = tab(site, "digit-network", color_scheme=theme)
        assert page.locator(".gt-live-pad canvas").evaluate("e => getComputedStyle(e).filter") == turned
    page.evaluate("document.body.dataset.theme = 'light'")  # the reader's choice comes before the system's
    assert page.locator(".gt-live-pad canvas").evaluate("e => getComputedStyle(e).filter") == "invert(0)"


@pytest.mark.parametrize("kind", KINDS)
def test_without_scripts_there_is_the_picture_and_no_button(tab, site, kind):
    page = tab(site, java_script_enabled=False)
    assert page.locator(f"#fig-{kind} img:visible").count() == 1
    assert not page.locator(f"#fig-{kind} button").is_visible()


@pytest.mark.parametrize("kind", KINDS)
def test_on_paper_there_is_the_picture(tab, site, kind):
    page = tab(site, kind, color_scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    assert page.locator(f"#fig-{kind} img.gt-light").is_visible()
    assert not box(page, kind).is_visible()
    assert not page.locator(".gt-live-start button").first.is_visible()


def test_nothing_is_loaded_before_the_button_is_pressed(visitor, site):
    page, _ = visitor.page()
    asked = []
    page.on("request", lambda request: asked.append(Path(urlsplit(request.url).path).name))
    page.goto(site.as_uri(), wait_until="load")
    page.wait_for_timeout(300)
    assert "start.js" in asked
    assert not {"common.js", "live.css", "data-digit-network.js", "digit-network.js"} & set(asked)
    start(page, "descent")
    start(page, "convolution")
    assert asked.count("common.js") == asked.count("live.css") == 1
    assert "data-digit-network.js" not in asked
    page.context.close()


def test_what_cannot_be_loaded_leaves_the_picture(visitor, site, tmp_path):
    shutil.copytree(site.parent, tmp_path / "broken")
    (tmp_path / "broken" / "live" / "data-descent.js").unlink()
    page, _ = visitor.page()
    page.goto((tmp_path / "broken" / "page.html").as_uri(), wait_until="load")
    button = page.locator(".gt-live-start button[data-kind=descent]")
    button.click()
    page.get_by_text("could not be loaded").wait_for()
    assert page.locator("#fig-descent img:visible").count() == 1
    assert button.inner_text() == "Try descent"
    shutil.copy(site.parent / "live" / "data-descent.js", tmp_path / "broken" / "live")
    start(page, "descent")  # and a second try succeeds
    page.context.close()


# --- the book's pages ---------------------------------------------------------------------------------------


def data_of(page_name: str, kind: str) -> tuple[Path, dict]:
    """The file of a figure's data as the build wrote it, and what it holds."""
    source = (HTML / page_name).read_text("utf-8")
    button = next(tag for tag in re.findall(r"<button[^>]*>", source) if f'data-kind="{kind}"' in tag)
    folder = re.search(r'data-folder="([^"]*)"', button)[1]
    name = re.search(r'data-scripts="([^"]*)"', button)[1].split()[-1].split("?")[0]
    path = ((HTML / page_name).parent / folder / name).resolve()
    return path, json.loads(path.read_text("utf-8").split(" = ", 1)[1].removesuffix(";\n"))


@pytest.mark.having('data-kind="digit-network"')
def test_the_network_of_this_build_answers_as_pytorch_does(tab, page_name, address):
    path, data = data_of(page_name, "digit-network")
    assert path.stat().st_size <= LIMIT
    check_network(tab(address, "digit-network"), data)


@pytest.mark.having('data-kind="descent"')
def test_the_walks_of_this_build_end_where_pytorch_s_do(tab, page_name, address):
    _, data = data_of(page_name, "descent")
    page = tab(address, "descent")
    for one in data["checks"]:
        path = box(page, "descent").evaluate(
            "(box, one) => box.live.walk(box.live.data, box.live.data.start, one.rate, one.momentum, one.steps)",
            one,
        )
        assert path[-1] == pytest.approx(one["end"], rel=1e-6)


@pytest.mark.having("gt-live-start")
def test_the_book_s_live_figures_start_fit_a_phone_and_are_clean(tab, address):
    from axe_playwright_python.sync_playwright import Axe

    page = tab(address, color_scheme="dark", **TOUCH)
    kinds = page.locator(".gt-live-start button").evaluate_all("all => all.map(b => b.dataset.kind)")
    assert kinds
    for kind in kinds:
        start(page, kind)
    assert not page.evaluate(WIDER)
    result = Axe().run(
        page, context=".gt-live-box", options={"resultTypes": ["violations"], "preload": False}
    )
    assert not result.response["violations"], result.generate_report()


@pytest.mark.having("gt-live-start")
def test_the_book_s_live_figures_start_below_a_sub_path(visitor, serve, page_name, address):
    site = Path(unquote(urlsplit(address).path)).parents[len(Path(page_name).parts) - 1]
    page, log = visitor.page()
    page.goto(serve(site) + page_name, wait_until="load")
    for kind in page.locator(".gt-live-start button").evaluate_all("all => all.map(b => b.dataset.kind)"):
        start(page, kind)
    page.context.close()
    assert not log["missing"]
    assert not log["console"]
    assert not log["strangers"]
