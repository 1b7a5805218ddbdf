"""Chromium for the page tests: one browser, one visit a page and theme, and a small page of every part.

The built site is ``_build/html``, or the folder in ``GROUNDTRUTH_HTML``. Without a built site or without
Chromium the tests are skipped with a line that says what to install; ``GROUNDTRUTH_REQUIRE_BROWSER=1``
(``make test`` sets it where the browser must be there) turns that into a failure.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import gzip
import http.server
import importlib.util
import json
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

ROOT = Path(__file__).parents[2]
HTML = Path(os.environ.get("GROUNDTRUTH_HTML", ROOT / "_build" / "html")).resolve()
STATIC = ROOT / "src" / "groundtruth" / "sphinxext" / "static"
REQUIRED = os.environ.get("GROUNDTRUTH_REQUIRE_BROWSER") == "1"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    # Nothing leaves the machine, whatever a page asks for; what it asked for is still seen and reported.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 320, "height": 640}
# preload: axe would fetch style sheets once more, which a browser refuses on pages from disk
AXE = {"resultTypes": ["violations"], "preload": False}
LOCAL = ("file://", "data:", "blob:", "about:", "http://127.0.0.1:")


def missing(what: str) -> None:
    """Skip, or fail where the browser tests are required."""
    if REQUIRED:
        pytest.fail(what, pytrace=False)
    pytest.skip(what)


def pages() -> list[str]:
    """Every page of the built site, relative to it."""
    found = sorted(str(path.relative_to(HTML)) for path in HTML.rglob("*.html")) if HTML.is_dir() else []
    return [
        name
        for name in found
        if not name.startswith(("_static", "_sources"))
        and 'http-equiv="Refresh"' not in (HTML / name).read_text("utf-8")  # a redirect is no page
    ]


def having(*marks: str) -> list[str]:
    """The pages whose source holds every one of `marks`."""
    return [name for name in pages() if all(mark in (HTML / name).read_text("utf-8") for mark in marks)]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give a test that asks for `page_name` every page, or those that hold what its marker names."""
    if "page_name" not in metafunc.fixturenames:
        return
    marker = metafunc.definition.get_closest_marker("having")
    names = having(*marker.args) if marker else pages()
    # Without a built site there is one test, which says so.
    metafunc.parametrize("page_name", names or [None], ids=names or ["nothing built"])


def pytest_configure(config: pytest.Config) -> None:
    """Register our marker."""
    config.addinivalue_line("markers", "having(*texts): run on the pages whose source holds these texts")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here needs Chromium."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


def chromium_path() -> str | None:
    """Where Chromium is, or nothing."""
    names = (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome")
    return next((found for name in names if name and (found := shutil.which(name))), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium, once for all tests."""
    for module in ("playwright", "axe_playwright_python"):
        if importlib.util.find_spec(module) is None:
            missing(f"{module} is not installed: pip install -e '.[dev]'")
    path = chromium_path()
    if path is None:
        missing("Chromium is not installed: apt install chromium, or set CHROMIUM to its path")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def address(page_name: str | None) -> str:
    """The page under test, from disk."""
    if page_name is None:
        if not (HTML / "index.html").is_file():
            missing(f"no built site in {HTML}: make book")
        pytest.skip("no page has this part")
    return (HTML / page_name).as_uri()


@pytest.fixture(scope="session")
def of_the_book() -> Callable[[str], str]:
    """Return a function that gives the address of a page of the book, from disk."""

    def give(name: str) -> str:
        if not (HTML / name).is_file():
            missing(f"no {name} in {HTML}: make book")
        return (HTML / name).as_uri()

    return give


@dataclasses.dataclass
class Facts:
    """What one visit to a page found. Each list is empty where all is well."""

    console: list[str]  # errors in the console, and uncaught exceptions
    strangers: list[str]  # requests that would leave the machine
    missing: list[str]  # local requests that failed
    axe: list[str]  # violations found by axe-core
    images: list[str]  # images without alt text, or with a path for one
    shown: list[str]  # figures that show not exactly one of light and dark
    ids: list[str]  # ids that stand twice
    shift: float  # how far the page moved while it loaded (Chromium's cumulative layout shift)
    maths: list[str]  # formulas that are not MathML, or not in our font


LOOK = """() => {
  const name = e => (e.getAttribute('src') || e.id || e.className || e.tagName).toString().slice(0, 80);
  const seen = e => e.getClientRects().length > 0 && getComputedStyle(e).visibility !== 'hidden';
  const images = [];
  for (const image of document.querySelectorAll('img')) {
    const alt = image.getAttribute('alt');
    if (alt === null || !alt.trim()) images.push(name(image) + ': no alt text');
    else if (/[\\\\/].*\\.\\w{2,4}$|\\.(png|svg|jpe?g)$/i.test(alt.trim())) images.push(alt + ': a path as alt text');
  }
  const shown = [];
  for (const light of document.querySelectorAll('img.gt-light')) {
    const dark = light.parentElement.querySelector('img.gt-dark');
    const pair = [light, dark].filter(e => e && getComputedStyle(e).display !== 'none').length;
    if (!dark || pair !== 1) shown.push(name(light) + ': ' + pair + ' of light and dark are shown');
    const now = dark && getComputedStyle(dark).display !== 'none' ? 'dark' : 'light';
    const wanted = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
    if (now !== wanted) shown.push(name(light) + ': ' + now + ' picture on a ' + wanted + ' page');
  }
  const counts = {};
  for (const e of document.querySelectorAll('[id]')) if (!e.closest('svg')) counts[e.id] = (counts[e.id] || 0) + 1;
  const ids = Object.keys(counts).filter(id => counts[id] > 1);
  const maths = [];
  for (const e of document.querySelectorAll('.math')) if (!e.querySelector('math')) maths.push(e.textContent);
  const font = document.querySelector('math') && [...document.fonts].some(
    f => f.family.includes('Ground Truth Math') && f.status === 'loaded');
  if (font === false) maths.push('the maths font was not loaded');
  return {images, shown, ids, maths, shift: window.__shift || 0};
}"""
# The contrast of a token of code hangs on its kind and on the box around it: one of each is enough for axe, which
# would otherwise spend ten seconds on the thousands of tokens of a chapter.
ONE_TOKEN_A_KIND = """() => {
  const seen = new Set();
  for (const token of document.querySelectorAll('.highlight pre span')) {
    const box = token.closest('.cell_input, .cell_output, .gt-stub, .admonition, details');
    const kind = token.className + ' in ' + (box ? box.className : '');
    if (seen.has(kind)) token.replaceWith(...token.childNodes); else seen.add(kind);
  }
}"""
WATCH_SHIFTS = """
window.__shift = 0;
new PerformanceObserver(list => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.__shift += entry.value;
}).observe({type: 'layout-shift', buffered: true});
"""


@dataclasses.dataclass
class Weight:
    """What a page makes a browser fetch before its figures: those come when they are scrolled to."""

    requests: int
    sent: int  # bytes on the wire, compressed as hosts do
    whole: int  # bytes when unpacked
    figures: int  # bytes of figures that this window has asked for


@dataclasses.dataclass
class Visitor:
    """Opens pages and writes down what is wrong with them."""

    browser: Any

    def page(self, **options: Any) -> tuple[Any, dict[str, list[str]]]:
        """Return a new tab and the lists that it fills."""
        options.setdefault("viewport", DESKTOP)
        options.setdefault("reduced_motion", "reduce")
        context = self.browser.new_context(**options)
        page = context.new_page()
        log: dict[str, list[str]] = {"console": [], "strangers": [], "missing": []}

        def request(event: Any) -> None:
            if not event.url.startswith(LOCAL):
                log["strangers"].append(event.url)

        def failed(event: Any) -> None:
            if event.url.startswith(LOCAL):
                log["missing"].append(event.url)

        def answered(event: Any) -> None:
            if event.status >= 400:
                log["missing"].append(f"{event.status} {event.url}")

        page.on("request", request)
        page.on("requestfailed", failed)
        page.on("response", answered)
        page.on("console", lambda m: log["console"].append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: log["console"].append(f"uncaught: {error}"))
        return page, log

    def open(self, address: str, **options: Any) -> Any:
        """Return the tab with the page loaded; close it with `page.context.close()`."""
        page, _ = self.page(**options)
        page.goto(address, wait_until="load")
        return page

    def weigh(self, address: str, **options: Any) -> Weight:
        """Load a page from a server and weigh what came."""
        page, _ = self.page(**options)
        answers: list[Any] = []
        page.on("requestfinished", lambda request: answers.append(request))  # noqa: PLW0108 - playwright marks it
        page.goto(address, wait_until="networkidle")
        weight = Weight(0, 0, 0, 0)
        for request in answers:
            if request.url.startswith("data:"):
                continue
            sizes = request.sizes()
            if "/_images/" in request.url:
                weight.figures += sizes["responseBodySize"]
                continue
            weight.requests += 1
            weight.sent += sizes["responseBodySize"]
            weight.whole += (HTML / urlsplit(request.url).path.removeprefix(PREFIX)).stat().st_size
        page.context.close()
        return weight

    def visit(self, address: str, theme: str, **options: Any) -> Facts:
        """Look at everything that needs no clicks."""
        from axe_playwright_python.sync_playwright import Axe

        page, log = self.page(color_scheme=theme, **options)
        page.add_init_script(WATCH_SHIFTS)
        page.goto(address, wait_until="load")
        page.evaluate("document.querySelectorAll('img').forEach(i => i.loading = 'eager')")
        page.evaluate("document.fonts.ready.then(() => true)")
        page.wait_for_timeout(100)
        page.evaluate("document.dispatchEvent(new KeyboardEvent('keydown', {key: 'Tab', bubbles: true}))")
        found = page.evaluate(LOOK)
        page.evaluate(ONE_TOKEN_A_KIND)
        result = Axe().run(page, options=AXE).response
        axe = [
            f"{rule['id']}: {rule['help']}: {node['target']} {node['html'][:160]}"
            for rule in result["violations"]
            for node in rule["nodes"]
        ]
        page.context.close()
        return Facts(**log, axe=axe, **found)


@pytest.fixture(scope="session")
def visitor(browser: Any) -> Visitor:
    """Open pages in the one browser."""
    return Visitor(browser)


@pytest.fixture(scope="session")
def visit(visitor: Visitor) -> Callable[[str, str], Facts]:
    """Visit each page once in each theme, whatever number of tests ask."""
    return functools.cache(visitor.visit)


PREFIX = "/some/where/"


@functools.cache
def packed(path: Path) -> bytes:
    """A file as hosts send it."""
    return gzip.compress(path.read_bytes(), mtime=0)


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves a folder below `PREFIX`, texts compressed, and the site's own page for what is not there."""

    protocol_version = "HTTP/1.1"
    TEXTS = (".html", ".css", ".js", ".svg", ".json", ".xml")

    def do_GET(self) -> None:
        inside = unquote(urlsplit(self.path).path)
        path = Path(self.directory, inside.removeprefix(PREFIX)) if inside.startswith(PREFIX) else None
        if path is not None and path.is_dir():
            path /= "index.html"
        status = http.HTTPStatus.OK
        if path is None or not path.is_file():
            status, path = http.HTTPStatus.NOT_FOUND, Path(self.directory, "404.html")
        content = path.read_bytes() if path.is_file() else b""
        text = path.suffix in self.TEXTS and "gzip" in self.headers.get("Accept-Encoding", "")
        content = packed(path) if text and content else content
        self.send_response(status)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "max-age=600")
        if text and content:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        with contextlib.suppress(ConnectionError):  # the browser has seen enough
            self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        pass


def start_server(folder: Path) -> tuple[http.server.ThreadingHTTPServer, str]:
    """Serve a folder on this machine, and return the server and the address of the folder."""
    handler = functools.partial(Handler, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server, f"http://127.0.0.1:{server.server_port}{PREFIX}"


@pytest.fixture
def serve() -> Iterator[Callable[[Path], str]]:
    """Return a function that serves a folder as a project site would be: below `/some/where/`."""
    servers: list[http.server.ThreadingHTTPServer] = []

    def start(folder: Path) -> str:
        server, address = start_server(folder)
        servers.append(server)
        return address

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


# --- a page with every part of the grammar, as the book's extension writes them ------------------------------

PICTURE = (
    "<svg xmlns='http://www.w3.org/2000/svg' width='300' height='150'><rect width='300' height='150'/></svg>"
)


def drawing(alt: str) -> str:
    """One figure's two images."""
    return "".join(
        f'<img class="gt-{theme}" src="picture.svg" alt="{alt}" width="300" height="150" loading="lazy">'
        for theme in ("light", "dark")
    )


MARK = (
    '<a class="gt-mark gt-holds" href="#evidence-first"><span aria-hidden="true">✓</span>'
    '<span class="gt-hidden">claim holds, show the evidence</span></a>'
)
STAGES = "".join(
    f'<div class="gt-stage">{drawing(f"Stage {number}: the line turns.")}<p class="gt-stage-text">'
    f'<span class="gt-stage-number">{number}</span> {"The line turns and turns. " * 6 * number}</p></div>'
    for number in (1, 2, 3)
)
NOTES = {
    "words.html#term-margin": '<p><strong>margin</strong></p><p>The distance to the <a href="#term-line">line</a>.</p>',
    "words.html#id2": "<p>Somebody. A book about <em>lines</em>, 1958.</p>",
}
PARTS = f"""
<h1>A page of parts</h1>
<p>The rule needed <span class="gt-rec" data-name="x/n">17</span> updates{MARK}. It goes on.</p>
<p>The <a class="reference internal" href="words.html#term-margin"><span class="std-term">margin</span></a> counts
<span class="bibtex-citation">[<a class="reference internal" href="words.html#id2" title="A book.">Somebody,
1958</a>]</span>, and this <a class="reference internal" href="words.html#term-lost">term</a> has no note.</p>
<figure class="gt-figure" id="fig-one">{drawing("Two clouds and a line.")}
<figcaption><p><span class="caption-number">Fig. 1.1 </span><span class="caption-text">A line.</span></p>
</figcaption></figure>
<figure class="gt-figure gt-stepped" id="fig-two"><div class="gt-stages">{STAGES}</div>
<figcaption><p><span class="caption-text">Stages.</span></p></figcaption></figure>
<div class="highlight"><pre>{"a_long_line_of_code = " * 9}</pre></div>
<p>Profile <span data-build="profile">–</span>.</p>
<section id="evidence" class="gt-evidence-list"><h2>Evidence</h2>
<details class="gt-evidence gt-holds" id="evidence-first"><summary>✓ The rule learns AND</summary>
<div class="gt-evidence-body"><p>Seventeen in every case.</p></div></details></section>
<p><a href="#evidence">after the evidence</a></p>
"""


def write_page(folder: Path, body: str = PARTS, head: str = "") -> Path:
    """Write a page with the theme's and our style around `body`."""
    import furo

    theme = Path(furo.__file__).parent / "theme" / "furo" / "static" / "styles"
    for source in [*STATIC.glob("*.css"), *STATIC.glob("*.js"), theme / "furo.css"]:
        shutil.copy(source, folder / source.name)
    for name in ("fonts", "live"):
        shutil.copytree(STATIC / name, folder / name, dirs_exist_ok=True)
    (folder / "picture.svg").write_text(PICTURE, "utf-8")
    (folder / "words.html").write_text(
        "<!doctype html><title>Words</title><p id='term-margin'>Words", "utf-8"
    )
    (folder / "_static").mkdir(exist_ok=True)
    (folder / "_static" / "notes.js").write_text(f"window.GROUNDTRUTH_NOTES = {json.dumps(NOTES)};", "utf-8")
    (folder / "build-info.js").write_text('window.GROUNDTRUTH_BUILD = {"profile": "cpu"};', "utf-8")
    page = folder / "page.html"
    page.write_text(
        f"""<!doctype html><html lang="en" data-content_root="./"><head><meta charset="utf-8"><title>Parts</title>
<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,"><link rel="stylesheet" href="furo.css">
<link rel="stylesheet" href="groundtruth.css"><link rel="stylesheet" href="fonts/ground-truth-math.css">
<script>document.documentElement.classList.add("gt-js")</script>
{head}</head><body><div class="page"><div class="main">
<div class="content"><article role="main" id="furo-main-content">{body}</article></div></div></div>
<script src="build-info.js" defer></script><script src="groundtruth.js" defer></script></body></html>""",
        "utf-8",
    )
    return page


@pytest.fixture(scope="session")
def write() -> Callable[[Path, str, str], Path]:
    """Write a page with a body and a head of one's own into a folder."""
    return write_page


@pytest.fixture
def parts(tmp_path: Path) -> str:
    """The page of parts, from disk."""
    return write_page(tmp_path).as_uri()


@pytest.fixture
def page_with(tmp_path: Path) -> Callable[..., str]:
    """Write the page of parts with something more in it, and give its address."""

    def write(body: str = "", head: str = "") -> str:
        return write_page(tmp_path, PARTS + body, head).as_uri()

    return write
