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
    "backpropagation": {"error", "node"},  # of a finite difference; of a graph
    "convolution": {"block"},  # of numbers
    "deep-architectures": {"iteration"},  # of a matrix
    "frameworks": {"error", "example"},  # of rounding; of code
    "history": {"pass"},
    "looking-inside": {
        "pass",
        "shortcut",
    },  # of a test; what a network learns is the term "shortcut learning"
    "loss-and-gradient-descent": {"pass", "shortcut"},  # through a point; to an answer
    "neural-networks": {"node"},  # of a graph
    "perceptron": {"kernel", "rank", "warm-up"},
    "refining": {"pass"},  # through points
    "training": {"target"},  # to reach
    "what-is-deep-learning": {"kernel", "rank"},  # of a support vector machine; to put in order
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
        elif not (
            head or maths or (stack and not stack[-1][1]) or re.match(r":[\w-]+:|#|%|\([\w-]+\)=", line)
        ):
            # A table is looked up rather than read: its links count, its words do not.
            lines.append(line if not line.startswith("|") else LINK.sub(lambda m: m[1] or blank(m[0]), line))
            continue
        lines.append(blank(line))
    text = ROLE.sub(lambda m: m[0] if m[1] == "{term}" else blank(m[0]), "\n".join(lines))
    text = FREE.sub(lambda m: m[1] or blank(m[0]), text)
    return ORDINARY.sub(lambda m: blank(m[0]), text)


def forms_of(term: str) -> list[tuple[str, ...]]:
    """Return a term's words, in the singular and the plural."""
    *before, last = re.findall(r"\w+", term)
    ends = {"y": ("y", "ies"), "is": ("is", "es"), "x": ("x", "xes", "ces")}
    cut, tails = next(
        ((len(end), tails) for end, tails in ends.items() if last.endswith(end)), (0, ("", "s", "es"))
    )
    return [(*before, last[: len(last) - cut] + tail) for tail in tails]


def uses_of(text: str, terms: list[str]) -> dict[str, tuple[int, int]]:
    """Return where each term stands first; of two that begin at one word the longer counts."""
    known = {form if term[0].isupper() else tuple(word.lower() for word in form): term
             for term in terms for form in forms_of(term)}  # fmt: skip
    longest = max(map(len, known))
    words = list(re.finditer(r"\w+", text))
    first: dict[str, tuple[int, int]] = {}
    position = 0
    while position < len(words):
        size = 1
        if (
            text[words[position].start() - 1 : words[position].start()] != "-"
        ):  # a mini-batch is something else
            joined = 1
            while (
                joined < longest
                and position + joined < len(words)
                and re.fullmatch(
                    r"\s*-?\s*", text[words[position + joined - 1].end() : words[position + joined].start()]
                )
            ):
                joined += 1
            for size in range(joined, 0, -1):
                form = tuple(match[0] for match in words[position : position + size])
                term = known.get(form) or known.get(tuple(word.lower() for word in form))
                if term and (not term[0].isupper() or form in known):
                    first.setdefault(term, (words[position].start(), words[position + size - 1].end()))
                    break
        position += size
    return first


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
    found = []
    for term, (start, end) in uses_of(plain, terms).items():
        if linked.get(term.lower(), len(text)) > start:
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
        ("% A batch in a comment.\n\nA {term}`batch`.", []),
    ],
)
def test_first_uses_without_a_link_are_found(sentence, found):
    assert planted(sentence) == found


if __name__ == "__main__":
    for path in CHAPTERS:
        for use in unlinked(path.read_text(encoding="utf-8"), terms_of(path.stem)):
            print(f"{path.name}:{use.line} [{use.term}] … {use.around} …")
