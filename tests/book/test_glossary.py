"""The glossary: in order, complete for what the chapters mark, and reached from every chapter's first use of a term.

``python tests/book/test_glossary.py`` lists the first uses that are not links, with line and words around them.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

BOOK = Path(__file__).parents[2] / "book"
GLOSSARY = (BOOK / "appendix" / "glossary.md").read_text(encoding="utf-8")
TERMS = re.findall(r"^(\S.*)\n  \S", GLOSSARY.split("```{glossary}\n")[1], re.MULTILINE)
CHAPTERS = sorted(path for path in BOOK.glob("*.md") if "jupytext:" in path.read_text(encoding="utf-8")[:400])

PROSE = {"prediction", "myth", "exercise", "run-figure", "diagram", "stepped-figure", "admonition", "note"}
"""Directives whose body is read as text. A chapter's box lists its goals before it teaches the words for them, and a
solution is folded away: neither counts as a first use."""

FENCE = re.compile(r"^\s*(`{3,}|~{3,}|:{3,})(?:\{([\w-]+)\})?(.*)$")
ROLE = re.compile(r"(\{[\w:-]+\})?(`+)(?!`)([^`]+?)\2(?!`)")
LINK = re.compile(r"(\{term\}`[^`]+`)|.")
FREE = re.compile(r"(\{term\}`[^`]+`)|\$[^$]+?\$|\]\([^)]*\)|<[^>\n]+>")

ORDINARY = re.compile(
    r"\b(?:for example|in examples|Apart from its\s+unit|rounding errors?|standard error|stops with an error|"
    r"in one pass|training\s+sets (?=the|is)|Deep Learning Toolbox|no learning rate, no hidden layer|"
    r"here is a prediction)",
    re.IGNORECASE,
)
"""Where words of the glossary are not meant in the glossary's sense."""

NOT_MEANT = {
    "backpropagation": {"error"},  # of a finite difference
    "convolution": {"block"},  # of numbers
    "deep-architectures": {"iteration"},  # of a matrix
    "frameworks": {"error", "example"},  # of rounding; of code
    "history": {"pass"},
    "looking-inside": {
        "pass",
        "shortcut",
    },  # of a test; what a network learns is the term "shortcut learning"
    "loss-and-gradient-descent": {"pass", "shortcut"},  # through a point; to an answer
    "perceptron": {"kernel", "warm-up"},
    "refining": {"pass"},  # through points
    "training": {"target"},  # to reach
    "what-is-deep-learning": {"kernel"},  # of a support vector machine
    "when-it-fails": {"pass"},  # of a test
}
"""Chapters that use a word of the glossary in another sense, and in that alone."""


def blank(text: str) -> str:
    """Return spaces in place of a text, so that lines and places stay what they are."""
    return re.sub(r"[^\n]", " ", text)


def prose_of(page: str) -> str:
    """Return a page with everything blank that is not read as running text; only ``{term}`` roles are kept."""
    lines: list[str] = []
    stack: list[tuple[str, bool]] = []  # fence and whether what is inside is read
    maths = head = False
    for number, line in enumerate(page.split("\n")):
        if line == "---" and (number == 0 or head):
            head = not head
            lines.append(blank(line))
            continue
        opened = FENCE.match(line)
        if (
            opened
            and stack
            and opened[1].startswith(stack[-1][0])
            and not opened[2]
            and not opened[3].strip()
        ):
            stack.pop()
        elif opened and (not stack or stack[-1][1]):
            stack.append((opened[1], opened[2] in PROSE))
        elif line.strip() == "$$" and (not stack or stack[-1][1]):
            maths = not maths
        elif not (head or maths or (stack and not stack[-1][1]) or re.match(r":[\w-]+:|#|\([\w-]+\)=", line)):
            # A table is looked up rather than read: its links count, its words do not.
            lines.append(line if not line.startswith("|") else LINK.sub(lambda m: m[1] or blank(m[0]), line))
            continue
        lines.append(blank(line))
    text = ROLE.sub(lambda m: m[0] if m[1] == "{term}" else blank(m[0]), "\n".join(lines))
    text = FREE.sub(lambda m: m[1] or blank(m[0]), text)
    return ORDINARY.sub(lambda m: blank(m[0]), text)


def form_of(term: str) -> str:
    """Return what finds a term in the singular and the plural, over the end of a line or with a hyphen."""
    words = re.escape(term).replace(r"\ ", r"[\s-]+").replace(r"\-", r"[-\s]?")
    if term.endswith("y"):
        words = words[:-1] + "(?:y|ies)"
    elif term.endswith("is"):
        words = words[:-2] + "(?:is|es)"
    elif term.endswith("x"):
        words = words[:-1] + "(?:x|xes|ces)"
    else:
        words += "(?:s|es)?"
    return words if term[0].isupper() else f"(?i:{words})"


def terms_of(slug: str) -> list[str]:
    """Return the terms that a chapter has to link."""
    return [term for term in TERMS if term not in NOT_MEANT.get(slug, ())]


@dataclass(frozen=True)
class Use:
    """A term and where it stands first without a link."""

    term: str
    start: int
    end: int
    line: int
    around: str


def unlinked(page: str, terms: list[str]) -> list[Use]:
    """Return the terms whose first use on a page is not a link to the glossary, in the order of the page."""
    text = prose_of(page)
    linked: dict[str, int] = {}
    for match in ROLE.finditer(text):
        named = re.search(r"<([^>]+)>$", match[3])
        linked.setdefault(" ".join((named[1] if named else match[3]).split()).lower(), match.start())
    plain = ROLE.sub(lambda m: blank(m[0]), text)
    # Longest first: a gradient check is no use of the word gradient.
    ordered = sorted(terms, key=len, reverse=True)
    forms = "|".join(f"(?P<t{number}>{form_of(term)})" for number, term in enumerate(ordered))
    first: dict[str, re.Match[str]] = {}
    for match in re.finditer(rf"(?<![\w-])(?:{forms})(?!\w)", plain):
        first.setdefault(ordered[int(str(match.lastgroup)[1:])], match)
    found = []
    for term, use in first.items():
        if linked.get(term.lower(), len(text)) > use.start():
            start, end = use.span()
            around = " ".join(page[max(0, start - 60) : end + 40].split())
            found.append(Use(term, start, end, text.count("\n", 0, start) + 1, around))
    return sorted(found, key=lambda use: use.start)


def test_terms_stand_once_and_in_order():
    assert len({term.lower() for term in TERMS}) == len(TERMS)
    assert sorted(TERMS, key=str.lower) == TERMS


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_the_first_use_of_a_term_is_a_link(path):
    found = unlinked(path.read_text(encoding="utf-8"), terms_of(path.stem))
    assert not found, "\n".join(
        f"{path.name}:{use.line}: write {{term}}`{use.term}` in: … {use.around} …" for use in found
    )


PAGE = """---
jupytext: {{}}
---

# A batch in a title

```{{chapter-box}}
:needs: a batch
- know a batch
```

```{{code-cell}}
batch = 1
```

For example, `batch`, $batch$ and {{doc}}`batch`.

| batch | in a table |

{0}

```{{prediction}}
One batch more.
```
"""


def planted(sentence):
    return [
        (use.term, use.line)
        for use in unlinked(PAGE.format(sentence), ["batch", "batch normalisation", "example"])
    ]


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("Nothing.", [("batch", 23)]),  # in the prediction
        ("Two batches.", [("batch", 20)]),
        ("A {term}`batch`, and a batch.", []),
        ("Some {term}`batches <batch>`.", []),
        ("A batch, and only then a {term}`batch`.", [("batch", 20)]),
        ("A {term}`batch`, then batch\nnormalisation.", [("batch normalisation", 20)]),
        ("The {term}`batch normalisation` of a batch.", [("batch", 20)]),
        ("A {term}`batch` of examples.", [("example", 20)]),
        ("A {term}`batch`, for example.", []),
        ("| a {term}`batch` | in a table links |", []),
    ],
)
def test_first_uses_without_a_link_are_found(sentence, found):
    assert planted(sentence) == found


if __name__ == "__main__":
    for path in CHAPTERS:
        for use in unlinked(path.read_text(encoding="utf-8"), terms_of(path.stem)):
            print(f"{path.name}:{use.line} [{use.term}] … {use.around} …")
