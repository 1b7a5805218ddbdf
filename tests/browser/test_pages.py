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


# Formulas are measured when they come near the window, and all of them before Tab is first used.
REACH = "document.dispatchEvent(new KeyboardEvent('keydown', {key: 'Tab', bubbles: true}))"
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


def test_no_sideways_scroll_on_a_phone_and_at_200_percent(visitor, address):
    page = visitor.open(address, viewport={"width": 320, "height": 640}, has_touch=True, is_mobile=True)
    page.evaluate(REACH)
    # The theme hides what sticks out of <html>, so the scroll width alone would see nothing.
    problems = page.evaluate(WIDER)
    # A window of 1280 pixels, zoomed to 200 %, has room for 640.
    page.set_viewport_size({"width": 640, "height": 450})
    problems += page.evaluate(WIDER)
    page.context.close()
    assert not problems, report(problems)


STANDING = """() => [...document.querySelectorAll('*')].filter(e => {
  const style = getComputedStyle(e);
  return style.animationName !== 'none' || style.transitionDuration.split(', ').some(time => parseFloat(time) > 0) ||
    style.scrollBehavior === 'smooth';
}).map(e => e.tagName + '.' + e.className).slice(0, 5)"""
TABBED = """() => {
  const seen = e => e.getClientRects().length > 0 && getComputedStyle(e).visibility === 'visible';
  const e = document.activeElement, box = e.getBoundingClientRect(), style = getComputedStyle(e);
  return {last: e === document.body, seen: seen(e),
    marked: style.outlineStyle !== 'none' || style.boxShadow !== 'none',
    inside: box.bottom > 0 && box.top < innerHeight,
    name: e.tagName + '.' + e.className + ' ' + e.textContent.slice(0, 30)};
}"""


def test_by_keyboard_and_without_movement(visitor, address):
    """Tab reaches the way past the navigation first; then every stop can be seen, and shows that it has the focus."""
    page = visitor.open(address, reduced_motion="reduce")
    moving = page.evaluate(STANDING)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className").startswith("skip-to-content")
    page.keyboard.press("Enter")
    problems = []
    for _ in range(40):  # from the top of the text on
        page.keyboard.press("Tab")
        now = page.evaluate(TABBED)
        if now["last"]:
            break
        if not (now["seen"] and now["marked"] and now["inside"]):
            problems.append(str(now))
    page.context.close()
    assert not moving, report(moving)
    assert not problems, report(problems)


@pytest.mark.parametrize("width", [1100, 1280, 1600])
def test_the_theme_s_buttons_can_be_clicked(visitor, of_the_book, width):
    """By a mouse, on a desktop: the article beside them is positioned, and once lay over them."""
    page = visitor.open(of_the_book("perceptron.html"), viewport={"width": width, "height": 900})
    button = page.locator(".theme-toggle-content button")
    before, at = page.evaluate("document.body.dataset.theme"), button.bounding_box()
    page.mouse.click(at["x"] + at["width"] / 2, at["y"] + at["height"] / 2)
    assert page.evaluate("document.body.dataset.theme") != before
    contents = page.locator("label.toc-content-icon")
    if contents.is_visible():
        at = contents.bounding_box()
        page.mouse.click(at["x"] + at["width"] / 2, at["y"] + at["height"] / 2)
        assert page.locator("#__toc").is_checked()
    page.context.close()


@pytest.mark.parametrize(("name", "width"), [("toc", 1100), ("toc", 320), ("navigation", 320)])
@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_a_drawer_takes_the_focus_and_gives_it_back(visitor, of_the_book, name, width, motion):
    toggle, drawer = {"toc": ("#__toc", ".toc-drawer"), "navigation": ("#__navigation", ".sidebar-drawer")}[
        name
    ]
    page = visitor.open(
        of_the_book("perceptron.html"), viewport={"width": width, "height": 740}, reduced_motion=motion
    )
    inside = f"() => document.querySelector('{drawer}').contains(document.activeElement)"
    box = page.locator(toggle)
    box.focus()
    assert box.get_attribute("aria-expanded") == "false"
    page.keyboard.press("Space")
    page.wait_for_function(inside)
    assert box.get_attribute("aria-expanded") == "true"
    page.keyboard.press("Tab")
    assert page.evaluate(inside)
    page.keyboard.press("Escape")
    assert not box.is_checked()
    assert box.get_attribute("aria-expanded") == "false"
    assert box.evaluate("e => e === document.activeElement")
    page.keyboard.press("Space")
    page.wait_for_function(inside)
    page.locator("article a.gt-mark").first.focus()  # as by Tab past the end: nothing below the cover
    assert not box.is_checked()
    page.context.close()


def test_back_to_top_lies_in_a_corner(visitor, of_the_book):
    for width in (320, 800, 1280):
        page = visitor.open(of_the_book("perceptron.html"), viewport={"width": width, "height": 740})
        page.mouse.move(width / 2, 400)
        page.mouse.wheel(0, 3000)
        page.wait_for_timeout(200)
        page.mouse.wheel(0, -600)
        up = page.locator(".back-to-top")
        up.wait_for()
        at = up.bounding_box()
        page.context.close()
        assert at["x"] > width - 64
        assert at["y"] > 740 - 64
        assert at["width"] >= 24
        assert at["height"] >= 24


HEAD = """() => {
  const meta = name => document.querySelector(`meta[name="${name}"], meta[property="${name}"]`)?.content || '';
  return {description: meta('description'), title: meta('og:title'), told: meta('og:description'),
    where: document.querySelectorAll('a[aria-current=page]').length, heads: document.querySelectorAll('h1').length};
}"""


def test_a_page_says_what_it_is(visitor, address, page_name):
    page = visitor.open(address)
    found = page.evaluate(HEAD)
    page.context.close()
    assert 20 <= len(found["description"]) <= 160, found
    assert found["told"] == found["description"]
    assert found["title"]
    assert found["heads"] == 1
    if page_name not in ("404.html", "search.html", "index.html"):
        assert found["where"] == 1


PRINTED = """() => {
  const shown = e => getComputedStyle(e).display !== 'none' && e.getClientRects().length > 0;
  const off = ['.sidebar-drawer', '.toc-drawer', '.mobile-header', '.related-pages', '.content-icon-container',
    '.gt-controls', '.skip-to-content'];
  const out = [];
  for (const name of off) for (const e of document.querySelectorAll(name)) if (shown(e)) out.push(name + ' is printed');
  for (const e of document.querySelectorAll('article a[href]'))
    if (getComputedStyle(e, '::after').content.includes('http')) out.push('an address is printed');
  for (const e of document.querySelectorAll('details > :not(summary)'))
    if (e.getBoundingClientRect().height === 0 && e.textContent.trim()) out.push('folded: ' + e.className);
  for (const e of document.querySelectorAll('figure'))
    if (getComputedStyle(e).breakInside !== 'avoid') out.push('a figure may be torn: ' + e.id);
  return [...new Set(out)].slice(0, 5);
}"""


def test_on_paper(visitor, address):
    """No navigation and no addresses, folds open, figures whole, on white whatever the theme."""
    page = visitor.open(address, color_scheme="dark", viewport={"width": 720, "height": 1000})
    page.emulate_media(media="print", color_scheme="dark")
    problems = page.evaluate(PRINTED)
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.context.close()
    assert not problems, report(problems)
    assert ground in ("rgb(255, 255, 255)", "rgba(0, 0, 0, 0)")


def test_reads_without_scripts(visitor, address):
    page = visitor.open(address, java_script_enabled=False)
    assert page.locator("h1").first.is_visible()
    hidden = page.locator("article img.gt-light").evaluate_all(
        "images => images.filter(i => !i.getClientRects().length).map(i => i.src)"
    )
    dead = page.locator("button:visible, input[type=search]:visible, [role=search]:visible").count()
    page.context.close()
    assert not hidden
    assert not dead, "a button or a search field that does nothing without scripts"


def site_of(address: str, page_name: str) -> Path:
    """The folder of the site that the page is in."""
    return Path(unquote(urlsplit(address).path)).parents[len(Path(page_name).parts) - 1]


def test_weight_before_figures(visitor, serve, page_name, address):
    weight = visitor.weigh(serve(site_of(address, page_name)) + page_name)
    assert weight.sent <= 300 * 1024, weight
    assert weight.requests <= 20, weight


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
