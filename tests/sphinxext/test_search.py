"""What is found on a page: sections without their sub-sections, terms, references; and nothing of code and evidence."""

from docutils import nodes
from sphinx import addnodes

from groundtruth.sphinxext import search
from groundtruth.sphinxext.nodes import evidence_details, evidence_mark


def page() -> nodes.document:
    document = nodes.document(None, None)
    item = nodes.definition_list_item(
        "",
        nodes.term("", "margin", ids=["term-margin"]),
        nodes.definition("", nodes.paragraph("", "The distance to the line.")),
    )
    mark = evidence_mark(state="holds", sign="✓", says="claim holds", refuri="#evidence-x")
    inner = nodes.section(
        "", nodes.title("", "The rule"), nodes.paragraph("", "It adds the mistake."), ids=["the-rule"]
    )
    document += nodes.section(
        "",
        nodes.title("", "Alpha"),
        nodes.paragraph(
            "",
            "It needs ",
            nodes.math("", "x"),
            nodes.Text(" and "),
            nodes.math("", r"\eta"),
            mark,
            nodes.Text("."),
        ),
        nodes.literal_block("", "print(1)"),
        nodes.math_block("", "a = b"),
        evidence_details("", nodes.paragraph("", "Mean 3."), state="holds", sign="✓", statement="So it is."),
        addnodes.glossary("", nodes.definition_list("", item, classes=["glossary"])),
        nodes.container(
            "", nodes.citation("", nodes.label("", "1"), nodes.paragraph("", "Ada. A book."), ids=["id2"])
        ),
        inner,
        ids=["alpha"],
    )
    return document


def test_a_page_becomes_its_sections_terms_and_references():
    found = list(search.entries(page(), chapter=True))
    assert found == [
        {"kind": "chapter", "at": "", "title": "Alpha", "text": "It needs x and …."},
        {"kind": "section", "at": "the-rule", "title": "The rule", "text": "It adds the mistake."},
        {"kind": "term", "at": "term-margin", "title": "margin", "text": "The distance to the line."},
        {"kind": "reference", "at": "id2", "title": "Ada. A book.", "text": "Ada. A book."},
    ]
    assert next(search.entries(page(), chapter=False))["kind"] == "page"


def test_items_of_a_list_do_not_run_into_each_other():
    items = [
        nodes.list_item("", nodes.paragraph("", text))
        for text in ("say what", "with the papers’", "stop here")
    ]
    assert search.text_of(nodes.bullet_list("", *items)) == "say what; with the papers’; stop here."
    whole = [nodes.list_item("", nodes.paragraph("", text)) for text in ("It ends.", "(It asks?)", "")]
    assert search.text_of(nodes.bullet_list("", *whole)) == "It ends. (It asks?)"


def test_aliases_are_lower_case_and_lead_somewhere_else():
    for name, words in search.ALIASES.items():
        assert name == name.lower()
        assert words
        assert name not in words.split()
