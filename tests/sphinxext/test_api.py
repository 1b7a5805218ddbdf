"""The package's page: what is read from sources, and how docstrings become nodes."""

import pytest
from docutils import nodes

from groundtruth.sphinxext import api

SOURCE = '''
"""A module: what it is for.

Used by the chapter *x*. More.
"""

from dataclasses import dataclass


@dataclass
class Line:
    """A line."""

    w: float
    """Kilograms an hour."""
    b: float
    _hidden: int = 0

    def at(self, x: float, scale: float = 1.0) -> float:
        """Return the height at ``x``.

        Args:
            x: hours, as `plan` gives them.
            *rest, **more: nothing: really.

        Raises:
            ValueError: never; it
                is a line.

        """

    @property
    def steep(self) -> bool:
        """Whether it is steep."""

    @classmethod
    def flat(cls, b: float) -> "Line":
        """Return one without slope."""

    @staticmethod
    def name(x: int) -> str:
        """Return its name."""

    def _private(self):
        """Not shown."""


def bare():
    return 1


def long(first: dict[str, int] = {"a": 1, "b": 2}, second: str = "x, y", *, third: tuple[int, ...] = (1, 2), z=3):
    """Do it.

    - one ``point``
    - another, over
      two lines

        and = code
    """
'''


@pytest.fixture
def module(tmp_path, monkeypatch):
    monkeypatch.setattr(api, "ROOT", tmp_path)
    path = tmp_path / "room" / "lines.py"
    path.parent.mkdir()
    path.write_text(SOURCE, encoding="utf-8")
    return api.modules_of("room")[0]


def test_name_and_members(module):
    assert module.name == "groundtruth.room.lines"
    assert [member.name for member in module.members] == ["Line", "long"]  # nothing without a docstring
    assert module.doc.startswith("A module")


def test_signatures(module):
    line, long = module.members
    assert line.signature == "class Line"
    assert [method.signature for method in line.methods] == [
        "at(x: float, scale: float = 1.0) -> float",
        "steep -> bool",
        "flat(b: float) -> 'Line'",
        "name(x: int) -> str",
    ]
    assert long.signature.split("\n") == [
        "long(",
        "    first: dict[str, int] = {'a': 1, 'b': 2},",
        "    second: str = 'x, y',",
        "    *,",
        "    third: tuple[int, ...] = (1, 2),",
        "    z=3,",
        ")",
    ]


def test_fields_with_their_descriptions(module):
    assert module.members[0].fields == [("w", "float", "Kilograms an hour."), ("b", "float", "")]


def test_sections_of_a_docstring(module):
    text, sections = api.split_doc(module.members[0].methods[0].doc)
    assert text == "Return the height at ``x``."
    assert api.entries(sections["Args"]) == [
        ("x", "hours, as `plan` gives them."),
        ("*rest, **more", "nothing: really."),
    ]
    assert api.entries(sections["Raises"]) == [("ValueError", "never; it is a line.")]


def test_a_docstring_as_nodes(module):
    made = nodes.container("", *api.described(module.members[0].methods[0].doc))
    assert [node.astext() for node in made.findall(nodes.strong)] == ["Arguments", "Raises"]
    assert [node.astext() for node in made.findall(nodes.literal)][:3] == ["x", "x", "plan"]
    made = nodes.container("", *api.described(module.members[1].doc))
    assert [item.astext() for item in made.findall(nodes.list_item)] == [
        "one point",
        "another, over two lines",
    ]
    assert next(made.findall(nodes.literal_block)).astext() == "and = code"


def test_an_entry_folds(module):
    entry = api.entry_of(module.name, module.members[0])
    assert entry["ids"] == ["api-groundtruth-room-lines-class-line"]
    assert "Kilograms an hour" in entry.astext()
    assert "Not shown" not in entry.astext()


def test_an_unknown_room(module):
    with pytest.raises(ValueError, match="no room 'attic'"):
        api.modules_of("attic")


def test_every_docstring_of_the_package_becomes_nodes():
    for room in api.rooms():
        for module in api.modules_of(room):
            for member in module.members:
                assert "``" not in api.entry_of(module.name, member).astext(), f"{module.name}.{member.name}"
