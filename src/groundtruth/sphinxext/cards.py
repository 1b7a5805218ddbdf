"""A card for a data set of the manifest: origin, licence, size, classes, splits, hashes and known problems.

Nothing of a card is typed on the page: it says what ``data/files/manifest.json`` says, and a page that describes a
data set which is not there fails. The manifest names its sources in words, "Somebody et al. (2021)"; the option
``:cite:`` says which entry of the bibliography each of them is, and a year in brackets that is left over is a fault.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from docutils.statemachine import StringList

from groundtruth.data import files
from groundtruth.sphinxext.grammar import PageDirective
from groundtruth.sphinxext.uses import names_of, users_of

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.util.typing import OptionSpec

YEAR = re.compile(r"[^.;]*\(?\b(?:19|20)\d\d\)")
"""A source that is named in words: its year in brackets."""


def cited(text: str, sources: dict[str, str]) -> str:
    """Return Markdown in which sources named in words have become citations.

    Raises:
        ValueError: a named source does not occur, or one that occurs is not named.

    """
    for words, key in sources.items():
        if words in text:
            text = text.replace(words, f"{{cite:t}}`{key}`")
    left = YEAR.search(re.sub(r"\{cite:t\}`[^`]+`", "", text))
    if left:
        raise ValueError(
            f"a source without a citation: {left.group().strip()!r}; name it in the option 'cite'"
        )
    return text


def sources_of(option: str) -> dict[str, str]:
    """Return the entries of the option ``cite``, "Words (2020) = key; …", by their words."""
    pairs = (entry.split("=") for entry in option.split(";") if entry.strip())
    return {" ".join(words.split()): key.strip() for words, key in pairs}


def bytes_of(entry: files.DataSetEntry) -> str:
    """Return what a set takes in memory, in words."""
    return f"{sum(file.size for file in entry.files) / 2**20:.1f} MiB when unpacked"


class DataCard(PageDirective):
    """``{data-card} name``: the card of one data set. The body, if any, is text of the page about it."""

    required_arguments = 1
    has_content = True
    option_spec: ClassVar[OptionSpec] = {"cite": directives.unchanged}

    def run(self) -> list[nodes.Node]:
        """Return the card."""
        name = self.arguments[0]
        try:
            entry = files.entry(name)
        except files.DataFileError as error:
            return self.fail(str(error))
        self.env.note_dependency(str(files.MANIFEST))
        sources = sources_of(self.options.get("cite", ""))
        try:
            problems = [cited(problem, sources) for problem in entry.known_problems]
            licence, origin = cited(entry.licence, sources), cited(entry.origin, sources)
        except ValueError as error:
            return self.fail(f"data card '{name}': {error}")
        unused = [
            words
            for words in sources
            if words not in "".join((*entry.known_problems, entry.licence, entry.origin))
        ]
        if unused:
            return self.fail(f"data card '{name}': the manifest does not name {', '.join(unused)}")
        shapes = {file.shape[1:] for file in entry.files if file.role.endswith("images")}
        rows: list[tuple[str, list[nodes.Node]]] = [
            ("described by", self.markdown(f"{{cite:t}}`{entry.citation}`")),
            ("origin", self.markdown(origin)),
            ("licence", self.markdown(licence)),
            ("examples", self.markdown("; ".join(f"{n:,} {split}" for split, n in entry.examples.items()))),
            (
                "one example",
                self.markdown(" or ".join(" × ".join(map(str, s)) for s in sorted(shapes)) + " whole bytes"),
            ),
            ("size", self.markdown(bytes_of(entry))),
            (f"{len(entry.classes)} classes", self.markdown(", ".join(entry.classes))),
            ("loaded by", [nodes.paragraph("", "", nodes.literal("", f"groundtruth.data.{name}"))]),
            (
                "used by",
                [
                    nodes.paragraph(
                        "", "", *names_of(self.env, users_of(self.env, f"groundtruth.data.{name}"))
                    )
                ],
            ),
        ]
        card = nodes.container(
            "", nodes.container("", self.fields(rows), classes=["gt-manifest"]), classes=["gt-card"]
        )
        if self.content:
            card += self.body()
        said = nodes.container("", classes=["gt-manifest"])
        said += nodes.paragraph("", "", nodes.strong("", "Known problems"))
        said += nodes.bullet_list("", *(nodes.list_item("", *self.markdown(problem)) for problem in problems))
        hashes = [(file.role.replace("_", " "), file.sha256) for file in entry.files]
        said += nodes.paragraph(
            "", "", nodes.strong("", "SHA-256"), nodes.Text(" of each file's unpacked content")
        )
        said += nodes.definition_list(
            "",
            *(
                nodes.definition_list_item(
                    "",
                    nodes.term("", role),
                    nodes.definition("", nodes.paragraph("", "", nodes.literal("", digest))),
                )
                for role, digest in hashes
            ),
            classes=["gt-hashes"],
        )
        card += said
        return [card]

    def markdown(self, text: str) -> list[nodes.Node]:
        """Parse one line of the manifest."""
        holder = nodes.container()
        self.state.nested_parse(StringList([text], self.get_source_info()[0]), self.content_offset, holder)
        return list(holder.children)

    @staticmethod
    def fields(rows: list[tuple[str, list[nodes.Node]]]) -> nodes.Node:
        """Return a table of two columns, the first of names."""
        group = nodes.tgroup("", nodes.colspec(colwidth=1), nodes.colspec(colwidth=4), cols=2)
        head = (nodes.entry("", nodes.paragraph("", text)) for text in ("what", "of this set"))
        group += nodes.thead("", nodes.row("", *head))
        body = nodes.tbody()
        for name, content in rows:
            body += nodes.row("", nodes.entry("", nodes.paragraph("", name)), nodes.entry("", *content))
        group += body
        return nodes.table("", group, classes=["gt-table"])


def described(text: str) -> Iterator[str]:
    """Yield the data sets that a page has a card for."""
    return (match[1] for match in re.finditer(r"^`{3,}\{data-card\} (\w+)", text, re.MULTILINE))


def setup(app: Sphinx) -> None:
    """Register the directive."""
    app.add_directive("data-card", DataCard)
