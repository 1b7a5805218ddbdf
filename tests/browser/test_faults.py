"""Faults planted on a page, to see that the visits of test_pages would find them."""


def test_the_page_of_parts_is_clean(visitor, parts):
    for theme in ("light", "dark"):
        facts = visitor.visit(parts, theme)
        for name in ("console", "strangers", "missing", "axe", "images", "shown", "ids", "maths"):
            assert not getattr(facts, name), (theme, name)
        assert facts.shift < 0.1


def test_a_request_to_somebody_else(visitor, page_with):
    address = page_with(head='<script src="https://example.org/track.js"></script>')
    assert visitor.visit(address, "light").strangers == ["https://example.org/track.js"]


def test_a_style_sheet_that_is_not_there(visitor, page_with):
    assert visitor.visit(page_with(head='<link rel="stylesheet" href="gone.css">'), "light").missing


def test_an_error_in_a_script(visitor, page_with):
    facts = visitor.visit(page_with("<script>undefinedFunction()</script>"), "light")
    assert any("undefinedFunction" in text for text in facts.console)


def test_pale_text_in_one_theme(visitor, page_with):
    address = page_with('<p style="color: #aaa">Too pale on white.</p>')
    assert any(text.startswith("color-contrast") for text in visitor.visit(address, "light").axe)
    assert not visitor.visit(address, "dark").axe


def test_pale_code(visitor, page_with):
    tokens = (
        '<span class="n">a</span> <span class="c1" style="color: #aaa"># pale</span> <span class="n">b</span>'
    )
    facts = visitor.visit(page_with(f'<div class="highlight"><pre>{tokens}</pre></div>'), "light")
    assert any(text.startswith("color-contrast") for text in facts.axe)


def test_an_image_without_alt_text(visitor, page_with):
    facts = visitor.visit(page_with('<img src="picture.svg">'), "light")
    assert facts.images
    assert any(text.startswith("image-alt") for text in facts.axe)


def test_an_image_with_its_path_for_alt_text(visitor, page_with):
    # axe accepts this one: only our own look sees it
    facts = visitor.visit(page_with('<img src="picture.svg" alt="/build/out/3f2a.png">'), "light")
    assert facts.images
    assert not facts.axe


def test_a_figure_without_its_dark_picture(visitor, page_with):
    body = '<figure><img class="gt-light" src="picture.svg" alt="A line."></figure>'
    assert visitor.visit(page_with(body), "dark").shown


def test_an_id_that_stands_twice(visitor, page_with):
    assert visitor.visit(page_with('<p id="fig-one">again</p>'), "light").ids == ["fig-one"]


def test_a_formula_left_as_text(visitor, page_with):
    assert visitor.visit(page_with(r'<span class="math">\(x^2\)</span>'), "light").maths


def test_a_page_that_jumps(visitor, page_with):
    script = "setTimeout(() => { document.querySelector('h1').style.marginTop = '400px'; }, 50)"
    address = page_with(f"<script>addEventListener('load', () => {{ {script} }})</script>")
    assert visitor.visit(address, "light").shift > 0.1


def test_a_word_too_long_for_a_phone(visitor, page_with):
    from pathlib import Path

    source = (Path(__file__).parent / "test_pages.py").read_text("utf-8")
    wider = source.split('WIDER = """', 1)[1].split('"""', 1)[0]
    address = page_with(
        '<p><span style="white-space: nowrap">' + "one line that will not wrap " * 5 + "</span></p>"
    )
    page = visitor.open(address, viewport={"width": 320, "height": 640}, has_touch=True, is_mobile=True)
    assert page.evaluate(wider)
    page.context.close()
