"""Popovers and stepped figures, by keyboard, by touch and without scripts: on a small page and on the book's."""

import pytest

TOUCH = {"has_touch": True, "is_mobile": True, "viewport": {"width": 360, "height": 740}}


@pytest.fixture
def tab(visitor):
    """Open a page, and close it when the test ends."""
    opened = []

    def open_(address, **options):
        page = visitor.open(address, **options)
        opened.append(page)
        return page

    yield open_
    for page in opened:
        page.context.close()


def focused(page) -> str:
    return page.evaluate("document.activeElement.className")


# --- evidence ----------------------------------------------------------------------------------------------


def press_the_mark(page):
    """Tab to the first mark whose evidence is on this page."""
    marks = page.locator("a.gt-mark[aria-expanded]")
    assert marks.count(), "no mark was prepared by the script"
    marks.first.scroll_into_view_if_needed()
    for _ in range(400):
        page.keyboard.press("Tab")
        if "gt-mark" in focused(page):
            return
    pytest.fail("the mark cannot be reached with the Tab key")


def check_popover_by_keyboard(page):
    press_the_mark(page)
    href = page.evaluate("document.activeElement.getAttribute('href')")
    page.keyboard.press("Enter")
    box = page.locator(".gt-pop[role=dialog]")
    assert box.count() == 1
    assert box.is_visible()
    assert "gt-pop" in focused(page)
    assert (
        page.evaluate("document.querySelector('.gt-mark[aria-expanded=true]').getAttribute('href')") == href
    )
    assert page.evaluate(
        "new Set([...document.querySelectorAll('[id]')].map(e => e.id)).size"
    ) <= page.evaluate("document.querySelectorAll('[id]').length")
    page.keyboard.press("Escape")
    assert box.count() == 0
    assert "gt-mark" in focused(page)
    assert page.evaluate("document.activeElement.getAttribute('href')") == href


def test_popover_by_keyboard(tab, parts):
    check_popover_by_keyboard(tab(parts))


@pytest.mark.having('class="gt-mark', 'class="gt-evidence ')
def test_popover_by_keyboard_on_the_book_s_pages(tab, address):
    check_popover_by_keyboard(tab(address))


def test_popover_holds_the_evidence_and_a_way_to_all_of_it(tab, parts):
    page = tab(parts)
    page.locator(".gt-mark").click()
    assert "Seventeen in every case" in page.locator(".gt-pop").inner_text()
    assert "The rule learns AND" in page.locator(".gt-pop").inner_text()
    page.locator(".gt-pop-more a").click()
    assert page.locator(".gt-pop").count() == 0
    assert page.locator("#evidence-first").get_attribute("open") is not None


def test_popover_closes_by_button_by_second_click_and_by_a_click_elsewhere(tab, parts):
    page = tab(parts)
    mark, box = page.locator(".gt-mark"), page.locator(".gt-pop")
    mark.click()
    page.get_by_role("button", name="Close the evidence").click()
    assert box.count() == 0
    mark.click()
    mark.click()
    assert box.count() == 0
    mark.click()
    page.locator("h1").click()
    assert box.count() == 0


def test_popover_shows_on_hover_and_stays_while_the_pointer_is_on_it(tab, parts):
    page = tab(parts)
    page.locator(".gt-mark").hover()
    page.locator(".gt-pop").wait_for()
    page.locator(".gt-pop").hover()
    page.wait_for_timeout(400)
    assert page.locator(".gt-pop").count() == 1
    page.mouse.move(5, 5)
    page.locator(".gt-pop").wait_for(state="detached")


def test_popover_on_a_phone_stays_on_the_screen(tab, parts):
    page = tab(parts, **TOUCH)
    page.locator(".gt-mark").tap()
    box = page.locator(".gt-pop").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_on_an_open_popover(tab, parts, theme):
    from axe_playwright_python.sync_playwright import Axe

    page = tab(parts, color_scheme=theme)
    page.locator(".gt-mark").click()
    result = Axe().run(page, options={"preload": False})
    assert not result.response["violations"], result.generate_report()


def test_evidence_without_scripts(tab, parts):
    page = tab(parts, java_script_enabled=False)
    assert page.locator(".gt-pop").count() == 0
    page.locator(".gt-mark").click()
    assert page.url.endswith("#evidence-first")
    assert page.get_by_text("Seventeen in every case.").is_visible()


def test_popover_shows_when_the_keyboard_reaches_the_mark(tab, parts):
    page = tab(parts)
    press_the_mark(page)
    assert page.locator(".gt-pop").is_visible()
    assert "gt-mark" in focused(page), "the focus must stay on the mark until it is pressed"
    page.keyboard.press("Escape")
    assert page.locator(".gt-pop").count() == 0
    assert "gt-mark" in focused(page)


# --- terms and citations -----------------------------------------------------------------------------------

TERM, CITATION = 'a[href="words.html#term-margin"]', 'a[href="words.html#id2"]'


@pytest.mark.parametrize(
    ("link", "says"), [(TERM, "The distance to the line."), (CITATION, "A book about lines")]
)
class TestNotes:
    def test_hover_shows_it_and_leaving_hides_it(self, tab, parts, link, says):
        page = tab(parts)
        page.locator(link).hover()
        page.locator(".gt-note").wait_for()
        assert says in page.locator(".gt-note").inner_text()
        page.locator(".gt-note").hover()
        page.wait_for_timeout(400)
        assert page.locator(".gt-note").count() == 1
        page.mouse.move(5, 5)
        page.locator(".gt-note").wait_for(state="detached")

    def test_focus_shows_it_escape_hides_it_and_enter_follows_the_link(self, tab, parts, link, says):
        page = tab(parts)
        for _ in range(20):
            page.keyboard.press("Tab")
            if page.locator(link).evaluate("link => link === document.activeElement"):
                break
        note = page.locator(".gt-note[role=tooltip]")
        note.wait_for()
        described = page.locator(link).get_attribute("aria-describedby")
        assert says in page.locator(f"#{described}").inner_text()
        page.keyboard.press("Escape")
        assert note.count() == 0
        assert page.locator(link).evaluate("link => link === document.activeElement")
        page.keyboard.press("Enter")
        page.wait_for_url("**/words.html*")

    def test_a_tap_shows_it_and_a_link_in_it_leads_on(self, tab, parts, link, says):
        page = tab(parts, **TOUCH)
        page.locator(link).tap()
        note = page.locator(".gt-note[role=dialog]")
        note.wait_for()
        assert page.url.endswith("page.html")
        assert says in note.inner_text()
        box = note.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 360
        note.locator(".gt-pop-more a").tap()
        page.wait_for_url("**/words.html*")

    @pytest.mark.parametrize("theme", ["light", "dark"])
    def test_axe_finds_nothing_on_it(self, tab, parts, link, says, theme):
        from axe_playwright_python.sync_playwright import Axe

        for options in ({}, TOUCH):
            page = tab(parts, color_scheme=theme, **options)
            page.locator(link).tap() if options else page.locator(link).focus()
            page.locator(link).hover()
            page.locator(".gt-note").wait_for()
            result = Axe().run(page, options={"preload": False})
            assert not result.response["violations"], result.generate_report()

    def test_without_scripts_it_is_a_link(self, tab, parts, link, says):
        page = tab(parts, java_script_enabled=False)
        page.locator(link).click()
        page.wait_for_url("**/words.html*")


def test_links_in_a_note_lead_where_they_led_on_their_own_page(tab, parts):
    page = tab(parts)
    page.locator(TERM).hover()
    page.locator(".gt-note").wait_for()
    assert page.locator(".gt-note a").evaluate("link => link.href").endswith("/words.html#term-line")


def test_a_term_without_a_note_stays_a_link(tab, parts):
    page = tab(parts, **TOUCH)
    page.locator(TERM).tap()
    page.locator(".gt-note").wait_for()
    page.keyboard.press("Escape")
    page.locator('a[href="words.html#term-lost"]').tap()
    page.wait_for_url("**/words.html*")


@pytest.mark.having('class="bibtex-citation"', "#term-")
def test_terms_and_citations_of_the_book_have_notes(tab, address):
    page = tab(address)
    script = """() => new Promise(done => {
      const root = new URL(document.documentElement.dataset.content_root, location.href).href;
      const script = document.createElement('script');
      script.src = root + '_static/notes.js';
      script.onload = () => done([...document.querySelectorAll(
        'article a.reference.internal[href*="#term-"], article .bibtex-citation a.reference.internal')]
        .map(link => decodeURIComponent(link.href.slice(root.length)))
        .filter(key => !window.GROUNDTRUTH_NOTES[key]));
      document.head.append(script);
    })"""
    assert page.evaluate(script) == []


def test_facts_of_the_build(tab, parts):
    assert tab(parts).locator("[data-build=profile]").inner_text() == "cpu"


# --- figures in stages -------------------------------------------------------------------------------------


def visible_stages(page, figure) -> list[int]:
    return figure.locator(".gt-stage").evaluate_all(
        "all => all.map((s, i) => getComputedStyle(s).visibility === 'visible' ? i : -1).filter(i => i >= 0)"
    )


def check_stages(page):
    figure = page.locator("figure.gt-stepped").first
    count = figure.locator(".gt-stage").count()
    figure.scroll_into_view_if_needed()
    next_, back = (
        figure.get_by_role("button", name="Next stage"),
        figure.get_by_role("button", name="Back to the previous stage"),
    )
    height = figure.bounding_box()["height"]
    assert visible_stages(page, figure) == [0]
    next_.click()
    assert visible_stages(page, figure) == [1]
    status = figure.locator("[aria-live=polite]")
    assert status.inner_text() == f"Stage 2 of {count}"
    back.click()
    back.click(force=True)  # at the first stage: nothing happens, and the button keeps the focus
    assert visible_stages(page, figure) == [0]
    figure.locator(".gt-stages").focus()
    for expected in range(1, count):
        page.keyboard.press("ArrowRight")
        assert visible_stages(page, figure) == [expected]
        assert figure.bounding_box()["height"] == pytest.approx(height, abs=1)
    page.keyboard.press("ArrowRight")
    assert visible_stages(page, figure) == [count - 1]
    page.keyboard.press("ArrowLeft")
    assert visible_stages(page, figure) == [count - 2]


def test_stages_by_buttons_and_arrow_keys(tab, parts):
    check_stages(tab(parts))


@pytest.mark.having('class="gt-stage"')
def test_stages_by_buttons_and_arrow_keys_on_the_book_s_pages(tab, address):
    check_stages(tab(address))


NAMES = """() => [...document.querySelectorAll('button[aria-label]')].filter(b => {
  const words = b.textContent.toLowerCase().match(/[a-z]+/g) || [];
  return b.getClientRects().length && !b.getAttribute('aria-label').toLowerCase().includes(words.join(' '));
}).map(b => b.textContent + ': ' + b.getAttribute('aria-label'))"""


def test_what_a_button_says_is_in_its_name(tab, parts):
    """Who speaks to the browser says what is to be seen: "Back"."""
    page = tab(parts)
    assert page.locator(".gt-controls button").count() == 2
    assert page.evaluate(NAMES) == []


@pytest.mark.having('class="gt-stage"')
def test_what_a_button_of_the_book_says_is_in_its_name(tab, address):
    assert tab(address).evaluate(NAMES) == []


def test_stages_by_swiping(tab, parts):
    page = tab(parts, **TOUCH)
    figure = page.locator("figure.gt-stepped")
    figure.scroll_into_view_if_needed()
    swipe = """(frame, [from, to]) => {
      const touch = x => new Touch({identifier: 1, target: frame, clientX: x, clientY: 300});
      const fire = (type, x) => frame.dispatchEvent(new TouchEvent(type, {
        touches: type === 'touchstart' ? [touch(x)] : [], changedTouches: [touch(x)], bubbles: true}));
      fire('touchstart', from); fire('touchend', to); }"""
    figure.locator(".gt-stages").evaluate(swipe, [250, 100])
    assert visible_stages(page, figure) == [1]
    figure.locator(".gt-stages").evaluate(swipe, [100, 250])
    assert visible_stages(page, figure) == [0]


def test_stages_are_stacked_without_scripts(tab, parts):
    page = tab(parts, java_script_enabled=False)
    figure = page.locator("figure.gt-stepped")
    assert visible_stages(page, figure) == [0, 1, 2]
    tops = figure.locator(".gt-stage").evaluate_all("all => all.map(s => s.getBoundingClientRect().top)")
    assert tops == sorted(set(tops))


def test_stages_are_stacked_and_light_on_paper(tab, parts):
    page = tab(parts, color_scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    figure = page.locator("figure.gt-stepped")
    assert visible_stages(page, figure) == [0, 1, 2]
    assert figure.locator("img.gt-light").first.is_visible()
    assert not figure.locator("img.gt-dark").first.is_visible()


@pytest.mark.parametrize("chosen", ["light", "dark"])
def test_pictures_follow_the_reader_s_choice_before_the_system_s(tab, parts, chosen):
    page = tab(parts, color_scheme="light" if chosen == "dark" else "dark")
    page.evaluate(f"document.body.dataset.theme = '{chosen}'")
    assert page.locator(f"#fig-one img.gt-{chosen}").is_visible()
    assert page.locator("#fig-one img:visible").count() == 1


# --- boxes that scroll -------------------------------------------------------------------------------------


def test_code_that_scrolls_can_be_reached_by_keyboard(tab, parts):
    page = tab(parts, **TOUCH)
    assert page.locator("pre").get_attribute("tabindex") == "0"


UNREACHED = """() => [...document.querySelectorAll('article pre')].filter(box =>
  (box.scrollWidth > box.clientWidth + 1) !== (box.tabIndex === 0)).length"""


def test_code_far_below_can_be_reached_without_and_after_a_change_of_the_window(tab, page_with):
    """Before any key was pressed, and after the window has become narrow or wide."""
    long = (
        '<div style="height: 9000px"></div><div class="highlight"><pre>' + "far_below = " * 5 + "</pre></div>"
    )
    page = tab(page_with(long), viewport={"width": 1280, "height": 700})
    page.wait_for_function(f"() => ({UNREACHED})() === 0")
    assert page.locator("pre").last.get_attribute("tabindex") is None
    page.set_viewport_size({"width": 330, "height": 700})
    page.wait_for_function(f"() => ({UNREACHED})() === 0")
    assert page.locator("pre").last.get_attribute("tabindex") == "0"
    page.set_viewport_size({"width": 1280, "height": 700})
    page.keyboard.press("Tab")
    assert page.evaluate(UNREACHED) == 0
    page.set_viewport_size({"width": 330, "height": 700})
    page.wait_for_timeout(50)
    page.keyboard.press("Tab")
    assert page.evaluate(UNREACHED) == 0


def test_short_code_stays_whole_on_paper(tab, page_with):
    code = "".join("<pre>" + "x = 1\n" * lines + "</pre>" for lines in (25, 26))
    page = tab(page_with(f'<div class="highlight" id="code">{code}</div>'))
    page.emulate_media(media="print")
    kept = "all => all.map(e => getComputedStyle(e).breakInside)"
    assert page.locator("#code pre").evaluate_all(kept) == ["avoid", "auto"]


# --- figures that are not yet in sight ---------------------------------------------------------------------


def test_figures_far_below_are_printed(tab, page_with):
    """They are lazy: a browser loads them for paper too."""
    far = '<div style="height: 20000px"></div><figure class="gt-figure"><img class="gt-light" src="far.svg" '
    far += 'alt="A square." width="300" height="150" loading="lazy"></figure>'
    address = page_with(far)
    from pathlib import Path
    from urllib.parse import urlsplit

    folder = Path(urlsplit(address).path).parent
    (folder / "far.svg").write_bytes((folder / "picture.svg").read_bytes())
    page = tab(address)
    loaded = "document.querySelector('img[src=\"far.svg\"]').naturalWidth > 0"
    assert not page.evaluate(loaded)
    page.pdf()
    assert page.evaluate(loaded)


@pytest.mark.parametrize("name", ["perceptron.html", "deep-architectures.html"])
def test_a_link_to_the_end_of_a_long_page_arrives_there(visitor, of_the_book, name):
    page, _ = visitor.page()
    page.goto(f"{of_the_book(name)}#evidence", wait_until="load")
    page.wait_for_function(
        "() => { const top = document.getElementById('evidence').getBoundingClientRect().top;"
        " return top >= 0 && top < innerHeight; }",
        timeout=10_000,
    )
    page.context.close()
