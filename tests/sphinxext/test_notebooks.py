"""The second writer: every kind of block as plain Markdown, and what the two notebooks hold."""

import ast
import base64
import json
from types import SimpleNamespace

import nbformat
import pytest
from docutils import nodes

from groundtruth.sphinxext.collect import evidence_data
from groundtruth.sphinxext.nodes import (
    build_fact,
    drawing,
    evidence_details,
    evidence_mark,
    evidence_value,
    solution,
    stage,
    stages,
    stub,
)
from groundtruth.sphinxext.notebooks import Writer, cell_text, left_over, prune, quote, with_links, write
from groundtruth.sphinxext.pages import Page, pages_of

CLAIM = {
    "kind": "claim", "name": "large", "statement": "It is large.", "rule": "value ≥ 3", "holds": True,
     "verdict": "holds",
}  # fmt: skip
EVIDENCE = {
    "answer": {"kind": "record", "name": "answer", "value": 42, "text": "42"},
    "bias": {"kind": "given", "name": "bias", "value": 0.5, "text": "0.5"},
    "large": CLAIM,
    "sides": {
        **CLAIM,
        "kind": "verdict",
        "name": "sides",
        "holds": None,
        "verdict": "worse",
        "statement": "a against b",
    },
}


def text(*parts):
    return nodes.paragraph("", "", *(nodes.Text(part) if isinstance(part, str) else part for part in parts))


def value(shown, kind="record"):
    return evidence_value("", shown, kind=kind, name="alpha/answer")


def cell(code):
    block = nodes.container(nb_element="cell_code")
    block += nodes.container(
        "", nodes.literal_block(code, code, language="ipython3"), nb_element="cell_code_source"
    )
    block += nodes.container("", nodes.literal_block("out", "out"), nb_element="cell_code_output")
    return block


def picture(name="alpha-line", png=""):
    return drawing(light="", dark="", name=name, alt="A line.", width=1, height=1, svg="<svg/>", png=png)


@pytest.fixture
def app(monkeypatch, tmp_path):
    monkeypatch.setenv("GROUNDTRUTH_PROFILE", "cpu")
    env = SimpleNamespace(
        docname="alpha",
        toc_fignumbers={"alpha": {"figure": {"fig-line": (3, 1)}, "displaymath": {"eq-rule": (3, 2)}}},
    )
    config = SimpleNamespace(
        html_title="The book", html_baseurl="https://book.example/", numfig_format={"figure": "Fig. %s"}
    )
    pages_of(env)["alpha"] = Page("alpha", evidence=dict(EVIDENCE), is_chapter=True)
    pages_of(env)["more/gamma"] = Page("more/gamma", is_chapter=True)
    pages_of(env)["more/words"] = Page("more/words")
    return SimpleNamespace(
        env=env, config=config, builder=SimpleNamespace(format="html"), outdir=str(tmp_path / "html"),
        srcdir=str(tmp_path),
    )  # fmt: skip


@pytest.fixture
def writer(app):
    return Writer(app, pages_of(app.env)["alpha"], solutions=False)


# --- inline ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("node", "markdown"),
    [
        (nodes.Text("5 * 3 _x_ `y` $z$ [a] <b> \\n"), r"5 \* 3 \_x\_ \`y\` \$z\$ \[a\] \<b> \\n"),
        (nodes.Text("~5 to ~7, R&D &amp; &#8212;"), r"\~5 to \~7, R&D \&amp; \&#8212;"),
        (value("a_b*"), r"a\_b\* (book build, cpu)"),
        (nodes.math("", "w^2"), "$w^2$"),
        (nodes.math("", "w \\approx\n2"), "$w \\approx 2$"),
        (nodes.math("", "w^2", behind=",]"), r"$w^2$,\]"),
        (nodes.literal("", "x = 1"), "`x = 1`"),
        (nodes.literal("", "{rec}`a`"), "`` {rec}`a` ``"),
        (nodes.emphasis("", "so"), "*so*"),
        (nodes.title_reference("", "so"), "*so*"),
        (nodes.strong("", "so"), "**so**"),
        (nodes.inline("", "so"), "so"),
        (evidence_mark(sign="✓", state="holds", says="", refuri=""), "\u00a0✓"),
        (build_fact(fact="commit"), "(commit of the book build)"),
        (nodes.image(alt="A dot.", uri="dot.png"), "![A dot.](dot.png)"),
        (nodes.target(), ""),
        (nodes.reference("", "there", refuri="https://example.org/x"), "[there](https://example.org/x)"),
        (
            nodes.reference("", "there", refuri="more/words.html#x"),
            "[there](https://book.example/more/words.html#x)",
        ),
        (
            nodes.reference("", "there", refuri="more/words.html"),
            "[there](https://book.example/more/words.html)",
        ),
        (nodes.reference("", "there", refuri="more/gamma.html#fig-x"), "[there](gamma.ipynb)"),
        (nodes.reference("", "there", refuri="#x"), "there"),
    ],
    ids=lambda part: part if isinstance(part, str) else type(part).__name__,
)
def test_inline_nodes(writer, node, markdown):
    assert writer.span(node) == markdown


def test_a_link_into_the_book_is_text_where_the_book_has_no_address(writer):
    writer.app.config.html_baseurl = ""
    assert writer.span(nodes.reference("", "there", refuri="more/words.html#x")) == "there"
    assert writer.span(nodes.reference("", "there", refuri="more/gamma.html")) == "[there](gamma.ipynb)"


def test_a_link_starts_from_the_folder_of_its_page(app):
    inside = Writer(app, pages_of(app.env)["more/gamma"], solutions=False)
    assert inside.span(nodes.reference("", "there", refuri="../alpha.html")) == "[there](alpha.ipynb)"
    words = "[there](https://book.example/more/words.html)"
    assert inside.span(nodes.reference("", "there", refuri="words.html")) == words


def test_the_first_value_of_a_cell_says_where_it_comes_from(writer):
    assert (
        writer.block(text("It is ", value("42"), ", not ", value("41"), "."))
        == "It is 42 (book build, cpu), not 41."
    )
    assert writer.block(text("And ", value("42"), ".")) == "And 42."
    writer.code("x = 1")
    assert writer.block(text("And ", value("42"), ".")) == "And 42 (book build, cpu)."
    assert writer.block(text("Given ", value("0.5", "given"), ".")) == "Given 0.5."


def test_brackets_in_an_address_do_not_end_the_link(writer):
    citation = nodes.inline("", "", classes=["bibtex"])
    entry = "Polyak. Some methods_of. 1964. doi:10.1016/0041-5553(64)90137-5."
    citation += nodes.reference("", "Polyak (1964)", refuri="x.html#id1", reftitle=entry)
    at = "https://doi.org/10.1016/0041-5553%2864%2990137-5"
    assert writer.span(citation) == f"[Polyak (1964)]({at})"
    assert list(writer.cited.values()) == [
        f"Polyak. Some methods\\_of. 1964. [doi:10.1016/0041-5553(64)90137-5]({at})."
    ]
    assert with_links("Team. A_b. URL: https://a.example/b_c (visited on 2026).") == (
        "Team. A\\_b. URL: [https://a.example/b\\_c](https://a.example/b_c) (visited on 2026)."
    )
    uri = "https://en.example/Perceptron_(unit)"
    assert (
        writer.span(nodes.reference("", "x", refuri=uri)) == "[x](https://en.example/Perceptron_%28unit%29)"
    )


def test_a_citation_becomes_a_link_and_a_work_in_the_list(writer):
    citation = nodes.inline("", "", classes=["bibtex"])
    entry = "Rosenblatt. The perceptron. 1958. doi:10.1037/h0042519."
    citation += nodes.reference("", "Rosenblatt (1958)", refuri="../words.html#id1", reftitle=entry)
    for _ in range(2):
        assert writer.span(citation) == "[Rosenblatt (1958)](https://doi.org/10.1037/h0042519)"
    writer.works_cited()
    assert writer.text == [
        "## Works cited\n\n- Rosenblatt. The perceptron. 1958. [doi:10.1037/h0042519](https://doi.org/10.1037/h0042519)."
    ]


# --- blocks ---------------------------------------------------------------------------------------

ITEMS = (
    nodes.list_item("", text("one"), nodes.bullet_list("", nodes.list_item("", text("in")))),
    nodes.list_item("", text("two")),
)


def rows():
    def row(*cells):
        return nodes.row("", *(nodes.entry("", text(one)) for one in cells))

    return nodes.table(
        "",
        nodes.tgroup("", nodes.thead("", row("a", "b")), nodes.tbody("", row("1", "x | y"), row("2", "z"))),
    )


@pytest.mark.parametrize(
    ("node", "markdown"),
    [
        (text("A paragraph."), "A paragraph."),
        (nodes.rubric("", "A head"), "**A head**"),
        (nodes.literal_block("a\nb", "a\nb", language="bash"), "```bash\na\nb\n```"),
        (nodes.literal_block("x = 1\n\n", "x = 1\n\n", language="default"), "```python\nx = 1\n```"),
        (text("more\u00a0", evidence_mark(sign="✓", state="holds", says="", refuri=""), ", and"), "more\u00a0✓, and"),
        (text("more\n", evidence_mark(sign="○", state="open", says="", refuri=""), "."), "more\u00a0○."),
        (nodes.math_block("w > 0", "w > 0", number=None), "$$\nw > 0\n$$"),
        (nodes.math_block("w > 0", "w > 0", number=1, ids=["eq-rule"]), "$$\nw > 0 \\tag{3.2}\n$$"),
        (nodes.bullet_list("", *(item.deepcopy() for item in ITEMS)), "- one\n\n  - in\n- two"),
        (nodes.enumerated_list("", *(item.deepcopy() for item in ITEMS)), "1. one\n\n   - in\n2. two"),
        (nodes.enumerated_list("", nodes.list_item("", text("x")), start=4), "4. x"),
        (nodes.admonition("", nodes.title("", "Myth: “so”"), text("No."), text("Yes.")),
         "> **Myth: “so”**\n>\n> No.\n>\n> Yes."),
        (nodes.block_quote("", text("Said.")), "> Said."),
        (rows(), "| a | b |\n| --- | --- |\n| 1 | x \\| y |\n| 2 | z |"),
        (nodes.definition_list("", nodes.definition_list_item("", nodes.term("", "margin"),
         nodes.definition("", text("far")))),
         "- **margin**: far"),
        (nodes.transition(), "---"),
        (nodes.comment("", "x"), ""),
        (nodes.target(), ""),
        (nodes.raw("", "<b>", format="html"), ""),
        (evidence_data(payload={}), ""),
        (evidence_details(), ""),
        (nodes.container("", text("a"), text("b")), "a\n\nb"),
        (nodes.figure("", picture(), nodes.caption("", "It ends."), ids=["fig-line"]), "**Fig. 3.1** It ends."),
        (nodes.figure("", nodes.image(alt="A dot.", uri="d.png"), nodes.caption("", "It.")),
         "![A dot.](d.png)\n\n**Figure** It."),
    ],
    ids=lambda part: "" if isinstance(part, str) else type(part).__name__,
)  # fmt: skip
def test_block_nodes(writer, node, markdown):
    assert "\n".join(line.rstrip() for line in writer.block(node).split("\n")) == markdown


def test_an_unknown_block_is_an_error_and_not_a_silence(writer):
    with pytest.raises(NotImplementedError, match=r"alpha: .*<line_block>"):
        writer.block(nodes.line_block())


def test_a_diagram_travels_in_the_text_stage_by_stage(writer):
    figure = nodes.figure("", stages("", *(
        stage("", picture(f"alpha-steps-{n}", png=f"png{n}\n"), text(f"Stage {n}."), number=n) for n in (1, 2)
    )), nodes.caption("", "Two."))  # fmt: skip
    writer.blocks([text("Before."), figure, text("After.")])
    writer.flush()
    before, made, after = (one["source"] for one in writer.cells)
    assert made == (
        "![A line.](data:image/png;base64,png1)\n\nStage 1."
        "\n\n![A line.](data:image/png;base64,png2)\n\nStage 2.\n\n**Figure** Two."
    )
    assert (before, after) == ("Before.", "After.")
    assert not any("attachments" in one for one in writer.cells)  # Colab shows none


def test_a_figure_of_a_run_stays_with_its_text(writer):
    figure = nodes.figure("", picture(), nodes.caption("", "It ends."), ids=["fig-line"])
    writer.blocks([text("Before."), figure])
    writer.flush()
    assert [one["source"] for one in writer.cells] == ["Before.\n\n**Fig. 3.1** It ends."]


def test_an_image_of_the_book_travels_in_the_text(writer, tmp_path):
    (tmp_path / "dot.png").write_bytes(b"dot")
    letters = base64.b64encode(b"dot").decode()
    image = nodes.image(alt="A [dot].", uri="dot.png")
    assert writer.span(image) == f"![A \\[dot\\].](data:image/png;base64,{letters})"
    assert writer.span(nodes.image(alt="x", uri="https://a.example/b.png")) == "![x](https://a.example/b.png)"


def test_a_value_that_comes_first_in_a_line_begins_no_list(writer):
    assert writer.block(text("It is\n", value("17"), ". Then")) == "It is\n17 (book build, cpu). Then"
    assert writer.block(text("And\n", value("17"), ". Then")) == "And\n17\\. Then"


def test_bars_in_a_table_end_no_cell_and_keep_their_sense_in_maths():
    assert cell_text("a | b") == "a \\| b"
    assert cell_text("$|x|$ | $\\|w\\|$") == "$\\vert x\\vert $ \\| $\\Vert w\\Vert $"


def test_quotations_leave_no_space_at_the_end():
    assert quote("a\n\nb") == "> a\n>\n> b"


def test_a_formula_in_a_quotation_stands_on_one_line(writer):
    box = nodes.admonition(
        "", nodes.title("", "So"), text("a"), nodes.math_block("w\n> 0", "w\n> 0", number=None), text("b")
    )
    assert writer.block(box) == "> **So**\n>\n> a\n>\n> $$w > 0$$\n>\n> b"


# --- a whole notebook -----------------------------------------------------------------------------


def page():
    document = nodes.document(SimpleNamespace(), None)
    exercises = nodes.section("", nodes.title("", "Exercises"), ids=["exercises"])
    exercises += nodes.admonition("", nodes.title("", "Exercise 1"), text("Add."), ids=["exercise-add"])
    exercises += stub(
        "", nodes.literal_block("total = ...", "total = ..."), exercise="add", code="total = ..."
    )
    code = "total = 1 + 1"
    exercises += solution(
        "", text("It is a sum."), nodes.literal_block(code, code, language="python"), exercise="add"
    )
    panel = nodes.section("", nodes.title("", "Evidence"), ids=["evidence"], classes=["gt-evidence-list"])
    document += nodes.section(
        "", nodes.title("", "Alpha"), text("It is ", value("42"), "."), cell("answer = 42"), cell("print(answer)"),
        text("So."), exercises, panel, ids=["alpha"],
    )  # fmt: skip
    return document


def sources(notebook, kind):
    return [one["source"] for one in notebook["cells"] if one["cell_type"] == kind]


def test_a_notebook_is_valid_has_no_outputs_and_no_raw_markup(writer):
    notebook = writer.notebook(page())
    nbformat.validate(notebook)
    assert left_over(notebook) == []
    for one in notebook["cells"]:
        if one["cell_type"] == "code":
            assert one["outputs"] == []
            assert one["execution_count"] is None
            ast.parse(one["source"])
    assert sources(notebook, "markdown")[0].startswith("# Alpha\n\n*From the book* The book.")
    assert "(book build, cpu)" in sources(notebook, "markdown")[0]


def test_code_stands_in_order_between_installing_and_comparing(writer):
    first, *middle, last = sources(writer.notebook(page()), "code")
    assert "pip" in first
    assert middle == ["answer = 42", "print(answer)", "total = ..."]
    shown = {}
    exec(
        last.replace("from groundtruth.evidence import beside_the_book", ""),
        {"beside_the_book": shown.update},
    )
    assert shown == {"answer": "42", "large": "holds", "sides": "worse", "origin": "book build, cpu"}


def test_the_list_of_evidence_says_how_each_came_out(writer):
    listed = "\n".join(sources(writer.notebook(page()), "markdown"))
    assert "- ✓ It is large. — claim holds. Rule: value ≥ 3." in listed
    assert "- ▼ a against b — worse. Rule: value ≥ 3." in listed


def test_ids_do_not_change_from_build_to_build_and_differ(app):
    first, again = (
        Writer(app, pages_of(app.env)["alpha"], solutions=False).notebook(page()) for _ in range(2)
    )
    ids = [one["id"] for one in first["cells"]]
    assert ids == [one["id"] for one in again["cells"]]
    assert len(set(ids)) == len(ids)
    assert json.dumps(first) == json.dumps(again)


def test_solutions_are_in_the_instructors_notebook_alone(app, tmp_path):
    write(app, page(), "alpha")
    student, instructor = (
        nbformat.read(tmp_path / folder / "alpha.ipynb", as_version=4)
        for folder in ("html/notebooks", "instructors")
    )
    assert "total = 1 + 1" not in json.dumps(student)
    assert "It is a sum." not in json.dumps(student)
    assert "total = 1 + 1" in sources(instructor, "code")
    assert any("It is a sum." in one for one in sources(instructor, "markdown"))
    assert "total = ..." in sources(student, "code")


def test_only_the_html_of_a_chapter_has_a_notebook(app, tmp_path):
    app.builder.format = "latex"
    write(app, page(), "alpha")
    app.builder.format = "html"
    pages_of(app.env)["alpha"].is_chapter = False
    write(app, page(), "alpha")
    assert not list(tmp_path.rglob("*.ipynb"))


def test_the_notebook_of_a_chapter_that_is_gone_goes(app, tmp_path):
    write(app, page(), "alpha")
    for folder in ("html/notebooks", "instructors"):
        (tmp_path / folder / "gone.ipynb").touch()
    prune(app, RuntimeError("the build failed"))
    assert len(list(tmp_path.rglob("gone.ipynb"))) == 2
    prune(app, None)
    assert sorted(path.name for path in tmp_path.rglob("*.ipynb")) == ["alpha.ipynb", "alpha.ipynb"]


def notebook_of(source, make=nbformat.v4.new_markdown_cell):
    return nbformat.v4.new_notebook(cells=[make(source)])


@pytest.mark.parametrize(
    ("markup", "what"),
    [
        ("{rec}`a`", "a role"),
        ("see {numref}`x/y`", "a role"),
        ("{cite:p}`x`", "a role"),
        ("the :ref:`x`", "a role"),
        ("```{myth}\nx\n```", "a directive"),
        ("> ```{note}", "a directive"),
        (":::{note}", "a directive"),
        (".. note:: x", "a directive"),
        ("(here)=", "a label"),
        ("> :alt: A line.", "an option"),
        ("% a thought", "a comment or a break of MyST"),
        ("+++", "a comment or a break of MyST"),
        ("a `b`{.python}", "attributes"),
        ("[x]{#here}", "attributes"),
        ("a <b>c</b>", "HTML"),
        ("a&nbsp;b", "HTML"),
        ("<!-- x -->", "HTML"),
        ("see [](#x)", "a link to nowhere"),
        ("see [x]()", "a link to nowhere"),
        ("said[^1]", "a footnote"),
        ("so \\alpha is", "TeX outside maths"),
        ("it costs $ 5", "TeX outside maths"),
        ("![a](attachment:b.png)", "an attachment"),
        ("> so $w\n> = 2$", "a quotation in maths"),
        ("> $$\n> w\n> $$", "a quotation in maths"),
        ("as in ? and", "a reference that was not found"),
    ],
)
def test_markup_that_is_left_over_is_found(markup, what):
    found = left_over(notebook_of(f"Text.\n{markup}\n"))
    assert [one for one in found if one.startswith(f"{what}: ")], found


@pytest.mark.parametrize("markup", ["# as {rec}`x` says", ":tags: [hide]", "```{code-cell}"])
def test_markup_in_code_is_found(markup):
    assert left_over(notebook_of(f"x = 1\n{markup}\n", nbformat.v4.new_code_cell))


@pytest.mark.parametrize(
    "plain",
    [
        "f({x}) `y`", "```python\n{rec}`x` <b> $5\n```", "> ```\n> % x\n> ```", "(a)=b", "$\\hat{y} < 1$ `z`",
        "{x: 1}", "`` {rec}`a` ``", "$$\n\\begin{cases} 1 & x \\\\ 2 & y \\end{cases}\n$$",
        r"a \<b\> \$5 \&amp; \\alpha",
        "![A.](data:image/png;base64,iV+/A==)", "What? So. R&D: x & y", "Is it $x$?", "| a |\n| --- |\n| $x$ |",
    ],
)  # fmt: skip
def test_code_and_maths_are_not_taken_for_markup(plain):
    assert left_over(notebook_of(f"Text.\n{plain}\n")) == []


def test_a_timing_is_left_out_of_the_notebook(writer):
    timed = value("3.2")
    timed["timing"] = True
    assert writer.block(text("It took ", timed, " seconds.")) == "It took … seconds."
    mark = evidence_mark(sign="▲", state="better", says="", refuri="", timing=True)
    assert writer.block(text("It is: ", timed, mark, ".")) == "It is: …."


def test_the_outcome_of_a_timing_verdict_is_left_out_of_the_list_of_evidence(writer):
    writer.page.evidence = {
        "sides": {**EVIDENCE["sides"], "timing": True, "interval": None},
        "large": {**CLAIM, "interval": None},
    }
    listed = writer.claims()
    assert (
        "- … a against b — decided by every build anew, for it depends on times. Rule: value ≥ 3." in listed
    )
    assert "worse" not in listed
    assert "- ✓ It is large. — claim holds." in listed
