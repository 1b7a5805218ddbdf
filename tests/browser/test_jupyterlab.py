"""A chapter in a real JupyterLab: opened from the unpacked archive, run to its end, its plots and bars seen.

JupyterLab has an environment of its own (``make test-all`` makes it from ``jupyterlab-requirements.txt``), as on many a
machine where students work. The kernel is the fresh environment of ``tests/conftest.py``, and nothing is installed in
it but what the archive asks for: the first cell installs the package.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import TimeoutError as PlaywrightTimeout

ROOT = Path(__file__).parents[2]
LAB = Path(os.environ.get("GROUNDTRUTH_JUPYTERLAB", ROOT / ".venv" / "jupyterlab")).resolve()
REQUIRED = os.environ.get("GROUNDTRUTH_REQUIRE_BROWSER") == "1"
CHAPTER = "refining"
"""It draws, places a diagram, and trains with a progress bar, in half a minute."""

pytestmark = pytest.mark.slow

WATCH = """
window.__bars = new Set();
new MutationObserver(() => {
  for (const bar of document.querySelectorAll('.jp-OutputArea .widget-hprogress, .jp-OutputArea .progress-bar'))
    window.__bars.add(bar.closest('.jp-OutputArea').textContent.slice(0, 200));
}).observe(document, {childList: true, subtree: true, attributes: true});
"""
SEEN = """() => {
  const shown = where => [...document.querySelectorAll(where)].filter(i => i.complete && i.naturalWidth > 100).length;
  const text = where => [...document.querySelectorAll(where)].map(n => n.textContent.slice(0, 500));
  return {
    plots: shown('.jp-OutputArea img'),
    diagrams: shown('.jp-MarkdownOutput img'),
    broken: [...document.querySelectorAll('.jp-MarkdownOutput img')].filter(i => i.complete && !i.naturalWidth).length,
    formulas: document.querySelectorAll('.jp-MarkdownOutput mjx-container').length,
    bad_formulas: text('mjx-merror'),
    errors: text('.jp-OutputArea [data-mime-type="application/vnd.jupyter.error"]'),
    stderr: text('.jp-OutputArea [data-mime-type="application/vnd.jupyter.stderr"]'),
    links: [...document.querySelectorAll('.jp-MarkdownOutput a[href]')].map(a => a.getAttribute('href')),
    unrun: text('.jp-CodeCell .jp-InputArea-prompt').filter(t => !/\\[\\d+\\]/.test(t)),
    bars: [...window.__bars],
  };
}"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def lab(student: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a JupyterLab in the folder of the unpacked archive."""
    program = LAB / "bin" / "jupyter-lab"
    if not program.is_file():
        said = f"no JupyterLab in {LAB}: 'make test-all' installs it"
        pytest.fail(said, pytrace=False) if REQUIRED else pytest.skip(said)
    folder, port = tmp_path_factory.mktemp("jupyterlab"), free_port()
    student.add_kernel(folder / "path", "python3")
    settings = folder / "settings" / "@jupyterlab" / "notebook-extension" / "tracker.jupyterlab-settings"
    settings.parent.mkdir(parents=True)
    settings.write_text('{"windowingMode": "none"}')  # every cell is on the page, not those in sight alone
    environment = student.environment(
        JUPYTER_PATH=str(folder / "path"), JUPYTERLAB_SETTINGS_DIR=str(folder / "settings"),
        JUPYTER_CONFIG_DIR=str(folder / "config"), JUPYTER_DATA_DIR=str(folder / "data"),
        JUPYTER_RUNTIME_DIR=str(folder / "run"), JUPYTERLAB_WORKSPACES_DIR=str(folder / "workspaces"),
    )  # fmt: skip
    command = [
        str(program), "--no-browser", "--allow-root", f"--port={port}", "--ip=127.0.0.1",
        f"--ServerApp.root_dir={student.folder}", "--IdentityProvider.token=", "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    with (folder / "log.txt").open("w") as log:
        server = subprocess.Popen(command, env=environment, cwd=folder, stdout=log, stderr=subprocess.STDOUT)
    try:
        for _ in range(240):
            try:
                urllib.request.urlopen(f"{address}/api", timeout=5).close()
                break
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                assert server.poll() is None, (folder / "log.txt").read_text()
                time.sleep(0.5)
        yield address
    finally:
        server.terminate()  # it ends its kernels
        server.wait(30)


@pytest.fixture(scope="module")
def seen(lab: str, browser: Any) -> Iterator[dict[str, Any]]:
    """What is on the page after the notebook was opened and all of its cells were run."""
    context = browser.new_context(viewport={"width": 1280, "height": 1200})
    page = context.new_page()
    strangers: list[str] = []
    page.on(
        "request",
        lambda r: None if r.url.startswith((lab, "data:", "blob:", "ws:")) else strangers.append(r.url),
    )
    page.add_init_script(WATCH)
    page.goto(f"{lab}/lab/tree/{CHAPTER}.ipynb", wait_until="domcontentloaded")
    run_all(page)
    last = page.locator(".jp-Notebook .jp-CodeCell").last.locator(".jp-OutputArea-output")
    failed = page.locator('.jp-OutputArea [data-mime-type="application/vnd.jupyter.error"]')
    last.or_(failed).first.wait_for(timeout=400_000)
    page.wait_for_timeout(1500)
    found = page.evaluate(SEEN)
    pictures = os.environ.get("GROUNDTRUTH_SCREENSHOTS")
    if pictures:
        take_pictures(page, Path(pictures))
    yield {**found, "strangers": strangers, "last": last.first.inner_text()}
    context.close()


def run_all(page: Any) -> None:
    """Choose *Run all cells*, and see to it that they do run.

    JupyterLab may start a kernel, and put another in its place a second later; cells given to the first wait for ever.
    """
    first = page.locator(".jp-Notebook .jp-CodeCell").first
    for _ in range(4):
        page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=120_000)
        idle = '.jp-Notebook-ExecutionIndicator[data-status="idle"]'
        page.wait_for_selector(idle, timeout=120_000, state="attached")
        page.wait_for_timeout(4000)
        page.wait_for_selector(idle, timeout=120_000, state="attached")
        page.locator(".lm-MenuBar-itemLabel", has_text="Run").first.click()
        page.locator('li[data-command="runmenu:run-all"]').click()
        numbered = first.locator(".jp-InputPrompt", has_text=re.compile(r"\[\d+\]"))
        try:
            numbered.wait_for(timeout=100_000)
            return
        except PlaywrightTimeout:
            page.reload(wait_until="domcontentloaded")
    pytest.fail("the cells did not run in four attempts")


def take_pictures(page: Any, folder: Path) -> None:
    """Keep what was seen, for a person to look at."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = {
        "top": ".jp-Notebook .jp-Cell", "diagram": ".jp-MarkdownOutput img", "plot": ".jp-OutputArea img",
        "exercise": ".jp-MarkdownOutput blockquote >> text=/Exercise 1/",
    }  # fmt: skip
    for name, where in wanted.items():
        page.locator(where).first.scroll_into_view_if_needed()
        page.wait_for_timeout(300)
        page.screenshot(path=folder / f"jupyterlab-{name}.png")
    page.locator(".jp-Notebook .jp-CodeCell").last.scroll_into_view_if_needed()
    page.screenshot(path=folder / "jupyterlab-last.png")


def test_every_cell_ran_and_none_failed(seen):
    assert seen["errors"] == []
    assert seen["stderr"] == []
    assert seen["unrun"] == []
    assert "here" in seen["last"].splitlines()[0]


def test_plots_and_diagrams_are_seen(seen):
    assert seen["plots"] >= 3
    assert seen["diagrams"] >= 1
    assert seen["broken"] == 0


def test_formulas_are_set(seen):
    assert seen["formulas"] > 10
    assert seen["bad_formulas"] == []


def test_a_progress_bar_was_seen(seen):
    assert any("training" in text for text in seen["bars"]), seen["bars"]


def test_nothing_is_asked_of_another_machine(seen):
    assert seen["strangers"] == []
