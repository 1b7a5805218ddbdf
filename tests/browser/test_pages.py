"""Every page of the built site, in both themes, as a reader's browser meets it."""

import functools
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

THEMES = ("light", "dark")


def report(problems: list[str]) -> str:
    return "\n".join(problems)


@pytest.mark.parametrize("theme", THEMES)
class TestEveryPage:
    def test_console_is_silent(self, visit, address, theme):
        assert not visit(address, theme).console

    def test_asks_nobody_else(self, visit, address, theme):
        assert not visit(address, theme).strangers

    def test_finds_its_own_files(self, visit, address, theme):
        assert not visit(address, theme).missing

    def test_axe_finds_nothing(self, visit, address, theme):
        problems = visit(address, theme).axe
        assert not problems, report(problems)

    def test_images_have_alt_text(self, visit, address, theme):
        assert not visit(address, theme).images

    def test_one_picture_a_theme(self, visit, address, theme):
        assert not visit(address, theme).shown

    def test_ids_stand_once(self, visit, address, theme):
        assert not visit(address, theme).ids

    def test_formulas_are_mathml_in_our_font(self, visit, address, theme):
        assert not visit(address, theme).maths

    def test_nothing_moves_while_loading(self, visit, address, theme):
        # Mostly zero; up to 0.1, "good" in the usual scale, where a busy machine brings the fonts late.
        assert visit(address, theme).shift < 0.1


WIDER = """() => {
  const width = document.documentElement.clientWidth, out = [];
  // inside the article a box may scroll by itself; the theme lets the whole column scroll, which is what we look for
  const clipped = e => { for (let p = e.parentElement; p && !p.matches('article, footer'); p = p.parentElement)
    if (getComputedStyle(p).overflowX !== 'visible') return true; return false; };
  for (const e of document.querySelectorAll('article *, footer *')) {
    const box = e.getBoundingClientRect();
    if (box.width && box.right > width + 1 && !clipped(e) && !e.closest('.gt-hidden'))
      out.push(e.tagName + '.' + e.className + ' ends at ' + Math.round(box.right) + ': ' + e.textContent.slice(0, 60));
  }
  return out.slice(0, 5);
}"""


def test_no_sideways_scroll_on_a_phone(visitor, address):
    page = visitor.open(address, viewport={"width": 320, "height": 640}, has_touch=True, is_mobile=True)
    # The theme hides what sticks out of <html>, so the scroll width alone would see nothing.
    problems = page.evaluate(WIDER)
    page.context.close()
    assert not problems, report(problems)


def test_reads_without_scripts(visitor, address):
    page = visitor.open(address, java_script_enabled=False)
    assert page.locator("h1").first.is_visible()
    hidden = page.locator("article img.gt-light").evaluate_all(
        "images => images.filter(i => !i.getClientRects().length).map(i => i.src)"
    )
    page.context.close()
    assert not hidden


def site_of(address: str, page_name: str) -> Path:
    """The folder of the site that the page is in."""
    return Path(unquote(urlsplit(address).path)).parents[len(Path(page_name).parts) - 1]


def test_below_a_sub_path_on_a_server(visitor, serve, page_name, address):
    page, log = visitor.page()
    page.goto(serve(site_of(address, page_name)) + page_name, wait_until="networkidle")
    page.context.close()
    assert not log["console"]
    assert not log["missing"]
    assert not log["strangers"]


class Anchors(HTMLParser):
    """The links of a page, and the places that links can point to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.places: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        if tag == "a" and found.get("href"):
            self.links.append(found["href"])
        self.places |= {found[key] for key in ("id", "name") if found.get(key)}


@functools.cache
def anchors(page: Path) -> Anchors:
    return Anchors(page.read_text("utf-8"))


def test_links_lead_somewhere(page_name, address):
    here = Path(unquote(urlsplit(address).path))
    broken = []
    for link in anchors(here).links:
        parts = urlsplit(link)
        if parts.scheme or parts.netloc:
            continue
        target = (here.parent / unquote(parts.path)).resolve() if parts.path else here
        place = unquote(parts.fragment)
        if not target.is_file() or (
            place and target.suffix == ".html" and place not in anchors(target).places
        ):
            broken.append(link)
    assert not broken
