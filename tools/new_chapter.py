"""Make the skeleton of a chapter: ``python tools/new_chapter.py SLUG``, which ``make chapter SLUG=…`` calls.

The skeleton is a whole small chapter that runs: page, idea by hand, exercises, diagram and the tests of each, copied
from ``tools/chapter/`` under the new name, and an entry in ``_toc.yml``. Either all of it is written or nothing.
"""

from __future__ import annotations

import argparse
import keyword
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import yaml

TEMPLATES = Path(__file__).resolve().parent / "chapter"
SLUG = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
LONGEST = 40
PART = "Drafts"
"""Unnumbered, so that a new chapter moves no number of the others: move its entry in ``_toc.yml`` when it is ready."""
BEFORE = "Appendices"


class ChapterError(ValueError):
    """The chapter cannot be made; nothing was written."""


def renamed(text: str, slug: str) -> str:
    """Return a template, its text or its path, under the new name."""
    title = slug.replace("-", " ").capitalize()
    for old, new in (("my-idea", slug), ("my_idea", slug.replace("-", "_")), ("My idea", title)):
        text = text.replace(old, new)
    return text


def files_of(slug: str) -> dict[Path, str]:
    """Return the files of the skeleton by their paths in the project."""
    return {
        Path(renamed(str(path.relative_to(TEMPLATES)), slug)): renamed(path.read_text(encoding="utf-8"), slug)
        for path in sorted(TEMPLATES.rglob("*"))
        if path.suffix in (".md", ".py")
    }


def checked(slug: str, root: Path) -> None:
    """See to it that the name is one, and that nothing of the project has it already.

    Raises:
        ChapterError: it is no slug, or it is taken; the message says by what.

    """
    if not SLUG.fullmatch(slug) or len(slug) > LONGEST:
        raise ChapterError(
            f"{slug!r} is no slug. Use lower-case words joined by hyphens, a letter first, at most "
            f"{LONGEST} characters, such as SLUG=weight-decay"
        )
    module = slug.replace("-", "_")
    if keyword.iskeyword(module):
        raise ChapterError(
            f"{slug!r} is a word of Python, so no module can have it as a name. Choose another slug."
        )
    taken = [path for path in files_of(slug) if (root / path).exists()]
    taken += [path.relative_to(root) for path in sorted((root / "book").rglob(f"{slug}.md"))]
    taken += [path.relative_to(root) for path in sorted((root / "figures").glob(f"{module}_*.py"))]
    if taken:
        names = ", ".join(sorted({str(path) for path in taken}))
        raise ChapterError(f"'{slug}' is taken: there is {names}. Choose another slug.")


def contents_with(text: str, slug: str, part: str) -> str:
    """Return a table of contents with one chapter more, at the end of its part; all else, comments too, stays.

    Raises:
        ChapterError: the part is not there, or the file is not written as this one is.

    """
    lines = text.rstrip("\n").split("\n")
    heads = {match[1]: number for number, line in enumerate(lines)
             if (match := re.fullmatch(r"  - caption: (.+?)\s*", line))}  # fmt: skip
    entry = f"      - file: {slug}"
    if part in heads:
        end = min((number for number in heads.values() if number > heads[part]), default=len(lines))
        lines.insert(end, entry)
    elif part == PART and BEFORE in heads:
        lines[heads[BEFORE] : heads[BEFORE]] = [f"  - caption: {PART}", "    chapters:", entry]
    else:
        raise ChapterError(f"_toc.yml has no part {part!r}; it has: {', '.join(heads) or 'none'}")
    made = "\n".join(lines) + "\n"
    try:
        parts = {one.get("caption"): one["chapters"] for one in yaml.safe_load(made)["parts"]}
    except yaml.YAMLError:
        parts = {}
    if {"file": slug} not in parts.get(part, []):
        raise ChapterError(
            f"_toc.yml is written in another way than expected: put '- file: {slug}' there by hand"
        )
    return made


def formatted(path: Path, code: str, root: Path) -> str:
    """Return code as the project's formatter leaves it: a longer name moves line breaks and the order of imports.

    Raises:
        ChapterError: the formatter refuses it.

    """
    for command in (["check", "--quiet", "--select", "I", "--fix"], ["format", "--quiet"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--stdin-filename", str(path), "-"],
            cwd=root, input=code, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise ChapterError(f"{path} could not be formatted: {done.stderr.strip() or done.stdout.strip()}")
        code = done.stdout
    return code


def make(slug: str, root: Path, part: str = PART) -> list[Path]:
    """Write the skeleton of a chapter and its entry in the table of contents; return the paths in the project.

    Raises:
        ChapterError: the slug is no slug or taken, the part is not there, or a file cannot be written.

    """
    checked(slug, root)
    toc = root / "_toc.yml"
    before = toc.read_text(encoding="utf-8")
    after = contents_with(before, slug, part)
    content = {
        path: formatted(path, text, root) if path.suffix == ".py" else text
        for path, text in files_of(slug).items()
    }
    written: list[Path] = []
    try:
        for path, text in content.items():
            written.append(root / path)
            with (root / path).open("x", encoding="utf-8") as file:
                file.write(text)
        toc.write_text(after, encoding="utf-8")
    except OSError as error:
        for path in written:
            path.unlink(missing_ok=True)
        if toc.read_text(encoding="utf-8") != before:
            toc.write_text(before, encoding="utf-8")
        raise ChapterError(f"the files could not be written, and none were left: {error}") from error
    return list(content)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="make chapter", description="Make the skeleton of a chapter.")
    parser.add_argument("slug", help="lower-case words joined by hyphens, such as weight-decay")
    parser.add_argument("--part", default=PART, help="caption of the part in _toc.yml (default: %(default)s)")
    parser.add_argument("--root", type=Path, default=Path.cwd(), help="folder of the project")
    chosen = parser.parse_args(arguments)
    root = chosen.root.resolve()
    try:
        paths = make(chosen.slug, root, chosen.part)
    except ChapterError as error:
        print(f"No chapter was made: {error}", file=sys.stderr)
        return 2
    module = chosen.slug.replace("-", "_")
    print(f"The chapter '{chosen.slug}' runs as it stands, in the part '{chosen.part}' of _toc.yml:")
    print("".join(f"  {path}\n" for path in paths), end="")
    print(
        "Replace it section by section. To see the page:   make book PROFILE=quick\n"
        f"To run its tests:  .venv/bin/python -m pytest tests/scratch/test_{module}.py tests/exercises tests/figures "
        f"-k {module}\n"
        "The grammar of a chapter: book/appendix/authors.md"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
