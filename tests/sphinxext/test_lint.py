"""Numbers that look typed: which are caught, and which are free."""

from types import SimpleNamespace

import pytest
from docutils import nodes

from groundtruth.sphinxext.lint import lint, typed_in, typed_numbers
from groundtruth.sphinxext.nodes import build_fact, evidence_ref, stub
from groundtruth.sphinxext.pages import Placed, page_of


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("It reaches 91.0 % of them.", ["91.0 %"]),
        ("It reaches 91\u00a0% of them.", ["91\u00a0%"]),
        ("It reaches 91% of them.", ["91%"]),
        ("It reaches 9 per cent.", ["9 per cent"]),
        ("A loss of 0.1804 after 3 epochs.", ["0.1804", "3 epochs"]),
        ("A loss of .5, or 0·5, or −0.5.", [".5", "0·5", "−0.5"]),
        ("A rate of 1e-3, or 1.5e−3.", ["1e-3", "1.5e−3"]),
        ("Between 0.5–0.9 and 3–5 seconds.", ["0.5", "0.9", "5 seconds"]),
        ("It has 61,000 weights.", ["61,000 weights"]),
        ("It costs 1,234.5 in all.", ["1,234.5"]),
        ("A 20-second run of 28×28 pixels.", ["20-second", "28 pixels"]),
        ("It is 4.5x faster, 10 times.", ["4.5x", "10 times"]),
        ("In 1,000, 5 % fail.", ["5 %"]),
        ("1 image, 12 MiB, 3 GB, 5 ms", ["1 image", "12 MiB", "3 GB", "5 ms"]),
        ("See Section 3.2.", ["3.2"]),  # a reference, not a typed number
    ],
)
def test_typed_numbers_are_caught(text, found):
    assert typed_in(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "In 1958 and in the 1980s.", "It has 3 layers and 10 classes.", "Two of 12.", "Step 3. Then stop.",
         "The 2nd run.",
        "Section 3.1.2 says so.", "Version 2.13.0 of it, v2.0 before.", "CIFAR-10 images and LeNet-5 weights.",
        "GPT-3.5 and ResNet-18 images.", "A 3 x 3 kernel", "Chapters 4, 5 and 6.", "1,000 of 10,000",
    ],
)  # fmt: skip
def test_years_counts_versions_and_names_are_free(text):
    assert typed_in(text) == []


def cite():
    from sphinx.addnodes import pending_xref

    return pending_xref("", nodes.inline("", "Somebody (1990)"), refdomain="cite", reftype="t")


def paragraph(*parts):
    return nodes.paragraph("", "", *(nodes.Text(part) if isinstance(part, str) else part for part in parts))


@pytest.mark.parametrize(
    ("parts", "found"),
    [
        (("Where ", nodes.math("", "x = 0.5"), " holds."), []),
        (("Write ", nodes.literal("", "lr=0.5"), " there."), []),
        (("It is ", evidence_ref("", nodes.Text("{rec}`a/b`"), kind="rec", slug="a", name="b"),
         " 5.0 of them."), ["5.0"]),
        (("It took ", build_fact(fact="seconds"), " seconds."), []),
        ((cite(), " measured 3.4 %."), []),
        (("They measured 3.4 %, see ", cite(), "."), []),
        (("It is 3.4 %. See ", cite(), "."), ["3.4 %"]),
        ((cite(), " measured 3.4 %. We measured 3.5 %."), ["3.5 %"]),
        (("It is ", nodes.strong("", "3.4 %"), " here."), ["3.4 %"]),
        (("It is 3", nodes.emphasis("", " seconds"), "."), ["3 seconds"]),
    ],
    ids=["maths", "code", "evidence", "build", "cited", "cited at the end", "the next sentence", "the sentence before",
         "bold", "across nodes"],
)  # fmt: skip
def test_where_a_number_stands_decides(parts, found):
    assert typed_numbers(paragraph(*parts)) == found


@pytest.fixture
def problems():
    """Lint a page of these nodes and return what it says."""

    def of(*children, exclude=(), placed=()):
        document = nodes.document(SimpleNamespace(), None)
        document += list(children)
        env = SimpleNamespace(docname="page")
        page_of(env).placed += placed
        app = SimpleNamespace(env=env, config=SimpleNamespace(groundtruth_lint_exclude=list(exclude)))
        lint(app, document)
        return page_of(env).problems

    return of


def placed_at(line, node):
    node.line = line
    return node


@pytest.mark.parametrize(
    "block",
    [
        paragraph("It is 0.5."),
        nodes.title("", "0.5 and more"),
        nodes.figure("", nodes.caption("", "It is 0.5.")),
        nodes.bullet_list("", nodes.list_item("", paragraph("It is 0.5."))),
        nodes.admonition("", paragraph("It is 0.5.")),
        nodes.entry("", paragraph("0.5")),
        nodes.definition_list_item("", nodes.term("", "0.5")),
        nodes.rubric("", "0.5"),
    ],
    ids=lambda block: type(block).__name__,
)
def test_every_kind_of_prose_is_read(block, problems):
    ((_, says),) = problems(block)
    assert "typed number '0.5'" in says


@pytest.mark.parametrize(
    "block",
    [
        nodes.literal_block("", "x = 0.5"),
        stub("", nodes.literal_block("", "x = 0.5")),
        nodes.math_block("", "x = 0.5"),
        nodes.container(
            "", nodes.container("", paragraph("0.5"), nb_element="cell_code_output"), nb_element="cell_code"
        ),
        nodes.container("", paragraph("0.5"), classes=["gt-manifest"]),
        nodes.comment("", "0.5"),
        nodes.raw("", "0.5", format="html"),
    ],
    ids=lambda block: type(block).__name__,
)
def test_code_maths_and_outputs_are_free(block, problems):
    assert problems(block) == []


def test_the_line_is_named_and_each_number_once(problems):
    found = problems(placed_at(7, paragraph("It is 0.5 or 0.7.")))
    assert [(line, says.split(":")[0]) for line, says in found] == [
        (7, "typed number '0.5'"), (7, "typed number '0.7'"),
    ]  # fmt: skip


def test_a_page_can_be_excluded(problems):
    assert problems(paragraph("It is 0.5."), exclude=["page"]) == []


@pytest.mark.parametrize(
    ("alt", "caught"),
    [
        ("A line.", 0),
        ("A line at {rec}`a/b`.", 0),
        ("A line at 0.5.", 1),
        ("A line at {rec}`a/b` % and 3 %.", 1),
    ],
)
def test_the_alt_text_of_a_figure_is_read_too(alt, caught, problems):
    found = problems(placed=[Placed("line", "run", "A line.", alt, 1, 12)])
    assert [line for line, _ in found] == [12] * caught
    assert all("in an alt text" in says for _, says in found)


@pytest.mark.parametrize(
    ("alt", "caught"),
    [("A dot.", 0), ("A dot/cross.", 0), ("", 1), ("  ", 1), ("_build/jupyter_execute/ab12.png", 1)],
)
def test_a_picture_needs_an_alt_text_that_is_no_path(alt, caught, problems):
    found = problems(placed_at(3, paragraph(placed_at(3, nodes.image("", alt=alt, uri="dot.png")))))
    assert [line for line, _ in found] == [3] * caught
    assert all("image without alt text" in says for _, says in found)
