"""The second writer: from a resolved page to clean notebooks, one for students and one with solutions.

A student's notebook has no outputs, no markup but plain Markdown, this build's numbers (and says that they are),
and no solutions. Its first cell installs the package where it is missing, its last prints the reader's values
beside the book's.
"""

from __future__ import annotations

import base64
import hashlib
import json
import mimetypes
import posixpath
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
from docutils import nodes
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from groundtruth import __version__, profiles
from groundtruth.sphinxext.collect import evidence_data
from groundtruth.sphinxext.first_cell import first_cell
from groundtruth.sphinxext.nodes import (
    build_fact,
    drawing,
    evidence_details,
    evidence_mark,
    evidence_value,
    live_start,
    solution,
    stage,
    stages,
    stub,
)
from groundtruth.sphinxext.pages import Page, claims_of, page_of, pages_of
from groundtruth.sphinxext.resolve import state_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sphinx.application import Sphinx

WHEEL = f"groundtruth-{__version__}-py3-none-any.whl"
"""The package, as it lies beside the notebooks."""

LANGUAGES = {"default": "python", "ipython3": "python", "none": ""}
"""What Sphinx calls the language of a listing, in the words of editors."""

FENCED = re.compile(r"^[> ]*(`{3,}|~{3,})[ \t]*[\w+-]*[ \t]*$.*?^[> ]*\1[ \t]*$", re.MULTILINE | re.DOTALL)
SPANS = re.compile(r"(?<![\\`])(`+)(?!`|\{[\w:-]+\}).+?(?<!`)\1(?!`)", re.DOTALL)
MATHS = re.compile(r"(?<!\\)(\${1,2}).+?(?<!\\)\1", re.DOTALL)
PICTURE = re.compile(r"\]\(data:image/[\w+.-]+;base64,[A-Za-z0-9+/=]+\)")
MARKUP = {
    "a directive": re.compile(r"^[\s>]*(?:`{3,}|~{3,}|:{3,})\s*\{.*|^[\s>]*\.\. [\w-]+::.*", re.MULTILINE),
    "a role": re.compile(r"\{[a-z][\w:+-]*\}\0|:[a-z][\w:+-]*:\0"),
    "a label": re.compile(r"^[\s>]*\([\w-]+\)=\s*$", re.MULTILINE),
    "an option": re.compile(r"^[\s>]*:[a-z][\w-]*:\s.*", re.MULTILINE),
    "a comment or a break of MyST": re.compile(r"^(?:%|\+{3}).*", re.MULTILINE),
    "attributes": re.compile(r"\{[.#][\w-]+[^}]*\}"),
    "HTML": re.compile(r"(?<!\\)<(?:!|/?[a-zA-Z])[^>]*>?|(?<!\\)&(?:[a-zA-Z]+|#\d+);"),
    "a link to nowhere": re.compile(r"(?<!\\)\[\s*\]\(|\]\(\s*\)"),
    "a footnote": re.compile(r"(?<!\\)\[\^"),
    "TeX outside maths": re.compile(r"(?<!\\)\\[a-zA-Z]{2,}|(?<!\\)\$"),
    "an attachment": re.compile(r"\(attachment:"),  # Colab shows none
    "a reference that was not found": re.compile(r"(?<!\S)\?(?!\S)"),
}
"""What must not reach a text cell outside of its code and maths: a student would read it as it stands."""
IN_CODE = re.compile(
    r"\{(?:rec|given|claim|verdict|term|doc|ref|eq|numref|cite[:\w]*)\}`|^\s*:[\w-]+:.*$|\{code-cell\}",
    re.MULTILINE,
)


def left_over(notebook: nbformat.NotebookNode) -> list[str]:
    """Return every piece of the source's markup that is left in the cells of a notebook, and what it is."""
    found = []
    for cell in notebook.cells:
        if cell.cell_type == "code":
            found += [f"markup in code: {match[0].strip()}" for match in IN_CODE.finditer(cell.source)]
            continue
        text = FENCED.sub("", PICTURE.sub("](picture)", cell.source))
        text = SPANS.sub("\0", text)
        found += [f"a quotation in maths: {maths[0]}" for maths in MATHS.finditer(text) if "\n>" in maths[0]]
        text = MATHS.sub("∎", text)
        found += [
            f"{what}: {match[0].strip()}" for what, mark in MARKUP.items() for match in mark.finditer(text)
        ]
    return [one.replace("\0", "`…`") for one in found]


class Writer:
    """Turn one resolved page into the cells of a notebook."""

    def __init__(self, app: Sphinx, page: Page, *, solutions: bool) -> None:
        self.app = app
        self.page = page
        self.solutions = solutions
        self.cells: list[nbformat.NotebookNode] = []
        self.text: list[str] = []
        self.cited: dict[str, str] = {}
        self.origin = f"book build, {profiles.active().name}"
        self.marked = False  # whether the cell at hand already says where its values come from

    # --- cells ---------------------------------------------------------------------------------------

    def notebook(self, doctree: nodes.document) -> nbformat.NotebookNode:
        """Return the notebook of a resolved page."""
        top = next(doctree.findall(nodes.section))
        title = next(iter(top.findall(nodes.title)))
        self.text.append(f"# {self.inline(title)}")
        self.text.append(
            f"*From the book* {self.app.config.html_title}. Numbers in the text were computed when the book was "
            f"built ({self.origin}); what you run here may differ a little, and the last cell prints both. "
            "✓ marks a claim that held in that build."
        )
        self.code(first_cell(self.page.slug, WHEEL))
        self.blocks(child for child in top.children if child is not title)
        self.works_cited()
        self.code(self.last_cell())
        self.flush()
        metadata = {
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
            "language_info": {"name": "python"},
        }
        for position, cell in enumerate(self.cells):  # ids that do not change from build to build
            cell["id"] = hashlib.sha256(f"{self.page.slug}/{position}".encode()).hexdigest()[:8]
        notebook = new_notebook(cells=self.cells, metadata=metadata)
        nbformat.validate(notebook)
        return notebook

    def last_cell(self) -> str:
        """Return the code that prints the reader's values beside the book's."""
        book = {
            p["name"]: p["text"]
            for p in self.page.evidence.values()
            if p["kind"] == "record" and not p.get("timing")
        }
        book |= {p["name"]: p["verdict"] for p in claims_of(self.page) if not p.get("timing")}
        listed = json.dumps(book, indent=4, ensure_ascii=False)
        return (
            "# Your values beside the book's.\nfrom groundtruth.evidence import beside_the_book\n\n"
            f"beside_the_book(\n    {listed.replace(chr(10), chr(10) + '    ')},\n    origin={self.origin!r},\n)"
        )

    def flush(self) -> None:
        """End the Markdown cell at hand."""
        text = "\n\n".join(part for part in self.text if part.strip())
        if text:
            self.cells.append(new_markdown_cell(text))
        self.text, self.marked = [], False

    def code(self, source: str) -> None:
        """Add a code cell."""
        self.flush()
        self.cells.append(new_code_cell(source.rstrip("\n")))

    # --- blocks --------------------------------------------------------------------------------------

    def blocks(self, children: Iterable[nodes.Node], level: int = 2) -> None:
        """Write the blocks of a section; code ends the Markdown cell."""
        for node in children:
            if isinstance(node, nodes.section):
                if "gt-evidence-list" in node["classes"]:
                    self.text.append(self.claims())
                    continue
                self.flush()
                title, *rest = node.children
                self.text.append(f"{'#' * min(level, 6)} {self.inline(title)}")
                self.blocks(rest, level + 1)
            elif isinstance(node, nodes.container) and node.get("nb_element") == "cell_code":
                source = next(node.findall(nodes.literal_block), None)
                if source is not None:
                    self.code(source.astext())
            elif isinstance(node, stub):
                self.code(node["code"])
            elif isinstance(node, solution):
                if self.solutions:
                    self.write_solution(node)
            elif isinstance(node, nodes.figure) and "](data:" in (shown := self.figure(node)):
                self.flush()  # a cell of its own: who edits the text does not meet the picture's letters
                self.text.append(shown)
                self.flush()
            else:
                self.text.append(self.block(node))

    def write_solution(self, node: solution) -> None:
        """Write a solution: its code becomes cells that run."""
        self.text.append("**Solution**")
        for child in node.children:
            if isinstance(child, nodes.literal_block) and child.get("language") in ("python", "ipython3"):
                self.code(child.astext())
            else:
                self.text.append(self.block(child))

    def block(self, node: nodes.Node) -> str:
        """Return one block as Markdown."""
        if isinstance(node, nodes.Element) and "gt-only-page" in node["classes"]:
            return ""
        if isinstance(node, nodes.paragraph):
            # A value may have come to stand first in a line, where "17." would begin a list.
            return re.sub(r"^(\s*\d+)([.)])(?=\s)", r"\1\\\2", self.inline(node).strip(), flags=re.MULTILINE)
        if isinstance(node, nodes.rubric):
            return f"**{self.inline(node)}**"
        if isinstance(node, nodes.literal_block):
            language = LANGUAGES.get(node.get("language", ""), node.get("language", ""))
            return f"```{language}\n{node.astext().rstrip()}\n```"
        if isinstance(node, nodes.math_block):
            number = node.get("number")
            tag = f" \\tag{{{self.equation_number(node)}}}" if number else ""
            return f"$$\n{node.astext().strip()}{tag}\n$$"
        if isinstance(node, nodes.bullet_list | nodes.enumerated_list):
            return self.list(node)
        if isinstance(node, nodes.admonition):
            title, *rest = node.children
            body = [f"**{self.inline(title)}**", *(self.block(child) for child in rest)]
            return quote("\n\n".join(part for part in body if part))
        if isinstance(node, nodes.block_quote):
            return quote("\n\n".join(self.block(child) for child in node.children))
        if isinstance(node, nodes.table):
            return self.table(node)
        if isinstance(node, nodes.figure):
            return self.figure(node)
        if isinstance(node, nodes.definition_list):
            return "\n".join(
                f"- **{self.inline(item.children[0])}**: {self.flat(item.children[-1])}"
                for item in node.children
            )
        if isinstance(node, live_start):
            invitation = node["start"][:1].lower() + node["start"][1:]
            return f"*On the book's page this figure answers: {escaped(invitation)}.*"
        if isinstance(node, nodes.transition):
            return "---"
        skipped = nodes.comment | nodes.target | nodes.raw | nodes.substitution_definition | evidence_data
        if isinstance(node, skipped | evidence_details | nodes.system_message):
            return ""
        if isinstance(node, nodes.container | nodes.compound):
            return "\n\n".join(self.block(child) for child in node.children)
        raise NotImplementedError(
            f"{self.page.docname}: the notebook writer does not know the block <{node.__class__.__name__}>; "
            "teach groundtruth.sphinxext.notebooks how it is written"
        )

    def flat(self, node: nodes.Node) -> str:
        """Return the blocks of a node on one line."""
        return " ".join(self.block(child).replace("\n", " ") for child in node.children)

    def list(self, node: nodes.bullet_list | nodes.enumerated_list) -> str:
        """Return a list."""
        lines = []
        for number, item in enumerate(node.children, start=node.get("start", 1)):
            mark = f"{number}. " if isinstance(node, nodes.enumerated_list) else "- "
            body = "\n\n".join(self.block(child) for child in item.children)
            lines.append(mark + body.replace("\n", "\n" + " " * len(mark)))
        return "\n".join(lines)

    def table(self, node: nodes.table) -> str:
        """Return a table with pipes."""
        rows = [[cell_text(self.flat(entry)) for entry in row.children] for row in node.findall(nodes.row)]
        rows.insert(1, ["---"] * len(rows[0]))
        return "\n".join(f"| {' | '.join(row)} |" for row in rows)

    def figure(self, node: nodes.figure) -> str:
        """Return pictures that no cell draws, and the caption."""
        parts: list[str] = []
        for child in node.children:
            if isinstance(child, drawing):
                parts.append(self.picture(child))
            elif isinstance(child, stages):
                for one in child.findall(stage):
                    picture, *sentences = one.children
                    parts.append(self.picture(picture))
                    parts += [self.block(sentence) for sentence in sentences]
            elif isinstance(child, nodes.image):
                parts.append(self.image(child))
            elif isinstance(child, nodes.caption):
                parts.append(f"**{self.figure_number(node)}** {self.inline(child)}")
            else:
                parts.append(self.block(child))
        return "\n\n".join(part for part in parts if part)

    def picture(self, node: nodes.Node) -> str:
        """Return a diagram inside the text; a figure of a run is drawn by its cell.

        Not as an attachment of the cell: Colab shows none.
        """
        assert isinstance(node, drawing)
        return self.embedded(node["alt"], "image/png", node["png"]) if node["png"] else ""

    def embedded(self, alt: str, kind: str, letters: str) -> str:
        """Return a picture that travels inside the text."""
        return f"![{escaped(alt)}](data:{kind};base64,{''.join(letters.split())})"

    def image(self, node: nodes.image) -> str:
        """Return an image of the book's folder inside the text, and one of the internet as a link."""
        path = Path(self.app.srcdir, node["uri"])
        if "://" in node["uri"] or not path.is_file():
            return f"![{escaped(node.get('alt', ''))}]({node['uri']})"
        kind = mimetypes.guess_type(path.name)[0] or "image/png"
        return self.embedded(node.get("alt", ""), kind, base64.b64encode(path.read_bytes()).decode())

    def figure_number(self, node: nodes.figure) -> str:
        """Return "Fig. 3.1"."""
        numbers = self.app.env.toc_fignumbers.get(self.page.docname, {}).get("figure", {})
        number = numbers.get(node["ids"][0]) if node["ids"] else None
        if not number:
            return "Figure"
        return str(self.app.config.numfig_format["figure"]) % ".".join(map(str, number))

    def equation_number(self, node: nodes.math_block) -> str:
        """Return the number of an equation as the page shows it."""
        numbers = self.app.env.toc_fignumbers.get(self.page.docname, {}).get("displaymath", {})
        number = numbers.get(node["ids"][0]) if node["ids"] else None
        return ".".join(map(str, number)) if number else str(node["number"])

    def claims(self) -> str:
        """Return the list of what the book's build claimed and found."""
        lines = ["## Evidence", f"Claims and verdicts of this chapter ({self.origin}):"]
        listed = []
        for payload in claims_of(self.page):
            _, sign, says = state_of(payload)
            if payload.get("timing"):  # another build may decide otherwise, and the notebook would differ
                sign, says = "…", "decided by every build anew, for it depends on times"
            listed.append(
                f"- {sign} {payload['statement']} — {says.split(': ')[-1]}. Rule: {payload['rule']}."
            )
        return "\n\n".join([*lines, "\n".join(listed)])

    def works_cited(self) -> None:
        """Write the list of works that the text cites."""
        if self.cited:
            entries = "\n".join(f"- {entry}" for entry in self.cited.values())
            self.text.append(f"## Works cited\n\n{entries}")

    # --- inline --------------------------------------------------------------------------------------

    def inline(self, node: nodes.Node) -> str:
        """Return the children of a node as inline Markdown; a mark stands one space behind its word."""
        text = "".join(self.span(child) for child in node.children)
        return re.sub(r"[ \n\u00a0]+\u00a0", "\u00a0", text)

    def span(self, node: nodes.Node) -> str:
        """Return one inline node as Markdown."""
        if isinstance(node, nodes.Text):
            return escaped(node.astext())
        if isinstance(node, nodes.math):
            # On one line: in a quotation the next would begin with ">". And the comma that the page holds on its line.
            return f"${' '.join(node.astext().split())}${escaped(node.get('behind', ''))}"
        if isinstance(node, nodes.literal):
            text = node.astext()
            return f"`` {text} ``" if "`" in text else f"`{text}`"
        if isinstance(node, nodes.emphasis | nodes.title_reference):
            return f"*{self.inline(node)}*"
        if isinstance(node, nodes.strong):
            return f"**{self.inline(node)}**"
        if isinstance(node, evidence_value):
            if node.get("timing"):  # it would differ in every notebook
                return "…"
            text = escaped(node.astext())
            if node["kind"] != "given" and not self.marked:
                self.marked = True
                return f"{text} ({self.origin})"
            return text
        if isinstance(node, evidence_mark):
            return "" if node.get("timing") else f"\u00a0{node['sign']}"
        if isinstance(node, build_fact):
            return f"({node['fact']} of the book build)"
        if isinstance(node, nodes.reference):
            return self.reference(node)
        if isinstance(node, nodes.image):
            return self.image(node)
        if isinstance(node, nodes.target | nodes.comment | nodes.raw | nodes.system_message):
            return ""
        return self.inline(node)

    def reference(self, node: nodes.reference) -> str:
        """Return a link where its target can be reached from a notebook, else its text.

        A chapter lies beside it in the archive; any other page is where the book is published, if the book knows that.
        """
        text = self.inline(node)
        title = node.get("reftitle", "")
        doi = re.search(r"doi:(10\.\S+?)\.?$", title)
        if title and "bibtex" in " ".join(getattr(node.parent, "attributes", {}).get("classes", [])):
            self.cited.setdefault(title, with_links(title))
            return f"[{text}](https://doi.org/{address(doi[1])})" if doi else text
        uri = node.get("refuri", "")
        if uri.startswith(("http:", "https:", "mailto:")):
            return f"[{text}]({address(uri)})"
        path, _, anchor = uri.partition("#")
        if not path:  # a place on this page: editors differ in what they call it
            return text
        here = posixpath.dirname(self.page.docname)
        docname = posixpath.normpath(posixpath.join(here, path)).removesuffix(".html")
        other = pages_of(self.app.env).get(docname)
        if other is not None and other.is_chapter:
            return f"[{text}]({other.slug}.ipynb)"
        base = self.app.config.html_baseurl
        if not base:  # the book does not know where it is published
            return text
        return f"[{text}]({base.rstrip('/')}/{docname}.html{'#' if anchor else ''}{anchor})"


def escaped(text: str) -> str:
    """Return text in which no letter means anything to Markdown."""
    return re.sub(r"([\\*_`$\[\]<~]|&(?=#?\w+;))", r"\\\1", text)


def address(uri: str) -> str:
    """Return an address as it may stand between brackets: some DOIs have brackets of their own."""
    return uri.replace("(", "%28").replace(")", "%29").replace("<", "%3C").replace(">", "%3E")


def with_links(entry: str) -> str:
    """Return an entry of the list of works, with its DOI and addresses as links."""
    parts, end = [], 0
    for found in re.finditer(r"(?:doi:(10\.\S+?)|https?://\S+?)(?=[.,;]?(?:\s|$))", entry):
        at = f"https://doi.org/{found[1]}" if found[1] else found[0]
        parts += [escaped(entry[end : found.start()]), f"[{escaped(found[0])}]({address(at)})"]
        end = found.end()
    return "".join([*parts, escaped(entry[end:])])


def cell_text(text: str) -> str:
    """Return the text of a table's cell: a bar would end it, and the way around that means two bars in maths."""
    parts, end = [], 0
    for maths in MATHS.finditer(text):
        parts.append(text[end : maths.start()].replace("|", "\\|"))
        parts.append(maths[0].replace("\\|", "\\Vert ").replace("|", "\\vert "))
        end = maths.end()
    return "".join([*parts, text[end:].replace("|", "\\|")])


def quote(text: str) -> str:
    """Return text as a Markdown quotation; a displayed formula on one line, where editors look for formulas first."""
    text = re.sub(r"^\$\$\n(.*?)\n\$\$$", lambda m: f"$${' '.join(m[1].split())}$$", text, flags=re.M | re.S)
    return "\n".join(f"> {line}".rstrip() for line in text.splitlines())


def write(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Write both notebooks of a chapter when its page is written (event ``doctree-resolved``)."""
    page = page_of(app.env, docname)
    if app.builder.format != "html" or not page.is_chapter:
        return
    out = Path(app.outdir)
    for folder, solutions in ((out / "notebooks", False), (out.parent / "instructors", True)):
        notebook = Writer(app, page, solutions=solutions).notebook(doctree)
        text = nbformat.writes(notebook)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{page.slug}.ipynb").write_text(text + "\n", encoding="utf-8")


def prune(app: Sphinx, error: Exception | None) -> None:
    """Remove the notebooks of chapters that are gone (event ``build-finished``)."""
    if error is not None or app.builder.format != "html":
        return
    chapters = {page.slug for page in pages_of(app.env).values() if page.is_chapter}
    out = Path(app.outdir)
    for path in (*out.glob("notebooks/*.ipynb"), *out.parent.glob("instructors/*.ipynb")):
        if path.stem not in chapters:
            path.unlink()


def setup(app: Sphinx) -> dict[str, Any] | None:
    """Connect the writer to the resolving of pages, and what tidies up to the end of the build."""
    app.connect("doctree-resolved", write, priority=900)
    app.connect("build-finished", prune, priority=100)  # before the report lists them
    return None
