"""The package on a page: every public module, and its functions and classes, from their docstrings.

Sources are read, not imported: a page about seven frameworks must not need them, and no import may change what the
build runs in. Docstrings are in the house's form: a sentence, paragraphs, and the sections ``Args``, ``Returns``,
``Yields`` and ``Raises``; fields of a class are described by the string below each.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives

from groundtruth.sphinxext.fingerprint import PACKAGE, ROOT
from groundtruth.sphinxext.grammar import PageDirective
from groundtruth.sphinxext.uses import imported_by, in_order, names_of

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.util.typing import OptionSpec
    from sphinx.writers.html5 import HTML5Translator

SECTION = re.compile(r"^(Args|Returns|Yields|Raises):\s*$")
TITLES = {"Args": "Arguments", "Returns": "Returns", "Yields": "Yields", "Raises": "Raises"}
ENTRY = re.compile(r"^(?P<name>\*{0,2}[\w., *]+?):\s+(?P<text>.*)$", re.DOTALL)
CODE = re.compile(r"``(.+?)``|`([^`]+)`|:\w+:`~?([^`]+)`", re.DOTALL)
LONG = 100
"""Characters of a signature that stay on one line."""


@dataclass(frozen=True)
class Member:
    """One public function or class as its source describes it."""

    name: str
    signature: str
    doc: str
    fields: list[tuple[str, str, str]] = field(default_factory=list)
    """Of a class: name, type and description of each public field."""
    methods: list[Member] = field(default_factory=list)


@dataclass(frozen=True)
class Module:
    """One module as its source describes it."""

    name: str
    path: Path
    doc: str
    members: list[Member]


def modules_of(room: str) -> list[Module]:
    """Return the public modules of a package of ours, or the one module of that name, read from their sources.

    Raises:
        ValueError: there is nothing of that name.

    """
    folder, single = ROOT / room, ROOT / f"{room}.py"
    if single.is_file():
        return [read_module(single)]
    paths = (
        sorted(path for path in folder.glob("*.py") if not path.name.startswith("_"))
        if folder.is_dir()
        else []
    )
    if not paths:
        raise ValueError(f"there is no room {room!r} in {PACKAGE}")
    return [read_module(path) for path in paths]


def rooms() -> list[str]:
    """Return every room and every module that stands by itself, but for the build's own."""
    return sorted(
        path.stem for path in ROOT.iterdir()
        if not path.name.startswith("_") and (path.suffix == ".py" or (path / "__init__.py").is_file())
    )  # fmt: skip


def read_module(path: Path) -> Module:
    """Return a module with its public members, in the order of the source."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    name = ".".join((PACKAGE, *path.relative_to(ROOT).with_suffix("").parts))
    return Module(name, path, _doc(tree), list(_members(tree.body)))


def _doc(node: ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    return inspect.cleandoc(ast.get_docstring(node, clean=False) or "")


def _members(body: list[ast.stmt], owner: str = "") -> Iterator[Member]:
    for node in body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and not node.name.startswith("_") and _doc(node):
            if isinstance(node, ast.FunctionDef):
                decorators = [ast.unparse(one) for one in node.decorator_list]
                if any("overload" in one or one.endswith(".setter") for one in decorators):
                    continue
                yield Member(node.name, _signature(node, decorators, owner), _doc(node))
            else:
                bases = ", ".join(ast.unparse(base) for base in node.bases)
                yield Member(
                    node.name,
                    f"class {node.name}" + (f"({bases})" if bases else ""),
                    _doc(node),
                    list(_fields(node.body)),
                    list(_members(node.body, node.name)),
                )


def _signature(node: ast.FunctionDef, decorators: list[str], owner: str) -> str:
    """Return a signature as one would call it: with types and defaults, without ``self``."""
    returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    if owner and any("property" in one for one in decorators):
        return f"{node.name}{returns}"
    arguments = node.args
    if owner and "staticmethod" not in decorators:
        first = [*arguments.posonlyargs, *arguments.args][:1]
        if first and first[0].arg in ("self", "cls"):
            arguments = ast.arguments(
                posonlyargs=arguments.posonlyargs[1:] if arguments.posonlyargs else [],
                args=arguments.args if arguments.posonlyargs else arguments.args[1:],
                vararg=arguments.vararg, kwonlyargs=arguments.kwonlyargs, kw_defaults=arguments.kw_defaults,
                kwarg=arguments.kwarg, defaults=arguments.defaults,
            )  # fmt: skip
    parts = [part.replace("=", " = ", 1) if ":" in part else part for part in _split(ast.unparse(arguments))]
    line = f"{node.name}({', '.join(parts)}){returns}"
    if len(line) <= LONG:
        return line
    return f"{node.name}(\n" + "".join(f"    {part},\n" for part in parts) + f"){returns}"


def _split(text: str) -> list[str]:
    """Return arguments apart: commas in brackets and strings do not count."""
    parts, depth, start, quote = [], 0, 0, ""
    for place, sign in enumerate(text):
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "'\"":
            quote = sign
        elif sign in "([{":
            depth += 1
        elif sign in ")]}":
            depth -= 1
        elif sign == "," and depth == 0:
            parts.append(text[start:place].strip())
            start = place + 1
    return [part for part in (*parts, text[start:].strip()) if part]


def _fields(body: list[ast.stmt]) -> Iterator[tuple[str, str, str]]:
    for node, after in zip(body, [*body[1:], None], strict=True):
        if (
            isinstance(node, ast.AnnAssign)
            and isinstance(node.target, ast.Name)
            and not node.target.id.startswith("_")
        ):
            said = ""
            if (
                isinstance(after, ast.Expr)
                and isinstance(after.value, ast.Constant)
                and isinstance(after.value.value, str)
            ):
                said = inspect.cleandoc(after.value.value)
            yield node.target.id, ast.unparse(node.annotation), said


# --- from docstrings to nodes ------------------------------------------------------------------------------


def inline(text: str) -> list[nodes.Node]:
    """Return a text with its code set as code."""
    made: list[nodes.Node] = []
    start = 0
    for match in CODE.finditer(text):
        made.append(nodes.Text(text[start : match.start()]))
        made.append(nodes.literal("", next(group for group in match.groups() if group)))
        start = match.end()
    made.append(nodes.Text(text[start:]))
    return [node for node in made if node.astext()]


def paragraphs(text: str) -> list[nodes.Node]:
    """Return paragraphs, lists and indented blocks of a docstring."""
    made: list[nodes.Node] = []
    for block in re.split(r"\n\s*\n", text):
        lines = block.strip("\n").split("\n")
        if all(line.startswith("    ") for line in lines):
            code = inspect.cleandoc("\n".join(lines))
            made.append(nodes.literal_block(code, code, language="text"))
        elif lines[0].lstrip().startswith("- "):
            items = re.split(r"\n?^\s*- ", block, flags=re.MULTILINE)[1:]
            made.append(
                nodes.bullet_list(
                    "",
                    *(
                        nodes.list_item("", nodes.paragraph("", "", *inline(" ".join(i.split()))))
                        for i in items
                    ),
                )
            )
        elif block.strip():
            made.append(nodes.paragraph("", "", *inline(" ".join(block.split()))))
    return made


def split_doc(doc: str) -> tuple[str, dict[str, str]]:
    """Return the text of a docstring and its sections, each without its indentation."""
    text: list[str] = []
    sections: dict[str, list[str]] = {}
    at: list[str] = text
    for line in doc.split("\n"):
        opened = SECTION.match(line)
        if opened:
            at = sections.setdefault(opened[1], [])
        elif at is not text and line.strip() and not line.startswith(" "):
            at = text  # a paragraph behind the sections
            at.append("\n" + line)
        else:
            at.append(line)
    return "\n".join(text).strip(), {
        name: inspect.cleandoc("\n" + "\n".join(body)) for name, body in sections.items()
    }


def entries(section: str) -> list[tuple[str, str]]:
    """Return the entries of a section: a name, or nothing, and a text."""
    parts = re.split(r"\n(?=\S)", section.strip())
    found = []
    for part in parts:
        match = ENTRY.match(part)
        found.append((match["name"], match["text"]) if match else ("", part))
    return [(name, " ".join(text.split())) for name, text in found]


def described(doc: str) -> list[nodes.Node]:
    """Return a docstring as nodes: its text, then its sections."""
    text, sections = split_doc(doc)
    made = paragraphs(text)
    for name, body in sections.items():
        made.append(nodes.paragraph("", "", nodes.strong("", TITLES[name])))
        if name in ("Returns", "Yields"):
            made += paragraphs(body)
            continue
        made.append(
            nodes.bullet_list(
                "",
                *(
                    nodes.list_item(
                        "",
                        nodes.paragraph(
                            "",
                            "",
                            *([nodes.literal("", name), nodes.Text(": ")] if name else []),
                            *inline(said),
                        ),
                    )
                    for name, said in entries(body)
                ),
            )
        )
    return made


class api_entry(nodes.General, nodes.Element):  # noqa: N801 - docutils names its nodes in lower case
    """One function or class, folded. Attributes: ``signature``, ``says`` (its first sentence)."""


def visit_entry(self: HTML5Translator, node: api_entry) -> None:
    """Open the fold."""
    self.body.append(
        f'<details class="gt-api" id="{node["ids"][0]}"><summary><code class="gt-signature">'
        f'{self.encode(node["signature"])}</code></summary>\n<div class="gt-api-body">\n'
    )


def depart_entry(self: HTML5Translator, node: api_entry) -> None:
    """Close it."""
    self.body.append("</div></details>\n")


def entry_of(module: str, member: Member) -> api_entry:
    """Return the fold of one member."""
    node = api_entry(signature=member.signature)
    kind = "class-" if member.name[:1].isupper() else ""  # an id knows no capitals: record() beside Record
    node["ids"] = [nodes.make_id(f"api-{module}-{kind}{member.name}")]
    node += described(member.doc)
    told = [one for one in member.fields if one[2]] and member.fields
    if told:
        node += nodes.paragraph("", "", nodes.strong("", "Fields"))
        node += nodes.bullet_list(
            "",
            *(
                nodes.list_item(
                    "",
                    nodes.paragraph(
                        "", "", nodes.literal("", f"{name}: {kind}"),
                        *([nodes.Text(" – "), *inline(" ".join(said.split()))] if said else []),
                    ),
                )
                for name, kind, said in told
            ),
        )  # fmt: skip
    for method in member.methods:
        node += nodes.paragraph("", "", nodes.literal("", method.signature), classes=["gt-method"])
        node += nodes.container("", *described(method.doc), classes=["gt-method-body"])
    return node


class ApiRoom(PageDirective):
    """``{api-room} name``: the modules of a room; ``:brief:`` names them and says what each is for."""

    required_arguments = 1
    option_spec: ClassVar[OptionSpec] = {"brief": directives.flag}

    def run(self) -> list[nodes.Node]:
        """Return a section for each module, or a list."""
        try:
            modules = modules_of(self.arguments[0])
        except ValueError as error:
            return self.fail(str(error))
        pages = imported_by(self.env)
        for module in modules:
            self.env.note_dependency(str(module.path))
        if "brief" in self.options:
            return [nodes.bullet_list("", *(self.line(module) for module in modules))]
        if len(modules) == 1:  # the room's own title says its name
            only = self.section(modules[0], pages)
            return [nodes.container("", *only.children[1:], ids=only["ids"])]
        return [self.section(module, pages) for module in modules]

    def line(self, module: Module) -> nodes.Node:
        """Return one module in one line."""
        first = " ".join(module.doc.split("\n\n")[0].split())
        name = nodes.literal("", module.name)
        return nodes.list_item(
            "",
            nodes.paragraph("", "", name, nodes.Text(": "), *inline(first), ids=[nodes.make_id(module.name)]),
        )

    def section(self, module: Module, pages: dict[str, dict[str, bool]]) -> nodes.section:
        """Return one module."""
        short = module.name.removeprefix(f"{PACKAGE}.")
        title = nodes.title("", "", nodes.literal("", short))
        made = nodes.section("", title, ids=[nodes.make_id(module.name)], names=[module.name])
        made += paragraphs(re.sub(r"\bUsed by (?:the|every)\b[^.]*\.\s*", "", module.doc, count=1))
        direct = [docname for docname, used in pages.items() if used.get(module.name)]
        through = [
            docname for docname, used in pages.items() if module.name in used and docname not in direct
        ]
        if direct:
            said = [
                nodes.Text("Imported by "),
                *names_of(self.env, in_order(self.env, direct)),
                nodes.Text("."),
            ]
        elif through:
            pages_through = names_of(self.env, in_order(self.env, through))
            said = [nodes.Text("Through other modules: "), *pages_through, nodes.Text(".")]
        else:
            said = [nodes.Text("No cell of a chapter imports it.")]
        made += nodes.paragraph("", "", nodes.inline("", "", *said), classes=["gt-facts"])
        made += [entry_of(module.name, member) for member in module.members]
        return made


def setup(app: Sphinx) -> dict[str, Any] | None:
    """Register directive and node."""
    app.add_node(api_entry, html=(visit_entry, depart_entry))
    app.add_directive("api-room", ApiRoom)
    return None
