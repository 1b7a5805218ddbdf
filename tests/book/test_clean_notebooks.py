"""What the archive holds, chapter by chapter: clean text, all of the page's, with its figures, links and exercises.

These tests read the book in *quick* that ``make test`` has built; ``test_notebook.py`` runs what is read here.
"""

import ast
import base64
import html
import json
import os
import re
import struct
import zipfile
from pathlib import Path

import nbformat
import pytest

from groundtruth.sphinxext.notebooks import FENCED, MATHS, PICTURE, left_over
from groundtruth.sphinxext.pins import as_lines, run_time

ROOT = Path(__file__).parents[2]
HTML = Path(os.environ.get("GROUNDTRUTH_HTML", ROOT / "_build" / "html")).resolve()
LIMIT = 60_000_000
"""Bytes of the students' archive, at most."""

pytestmark = pytest.mark.book


def slugs() -> list[str]:
    found = sorted(path.stem for path in (HTML / "notebooks").glob("*.ipynb"))
    return found or ["nothing built"]


@pytest.fixture(scope="module", params=slugs())
def chapter(request) -> dict:
    """One chapter, as the build reported it."""
    report = HTML / "build-report.json"
    if not report.is_file():
        pytest.skip(f"no build report in {HTML}: run 'make test', or 'make book' first")
    return next(
        one
        for one in json.loads(report.read_text(encoding="utf-8"))["chapters"]
        if one["slug"] == request.param
    )


@pytest.fixture(scope="module")
def bundle(archive):
    with zipfile.ZipFile(archive) as opened:
        yield opened


def read(bundle: zipfile.ZipFile, slug: str) -> nbformat.NotebookNode:
    return nbformat.reads(bundle.read(f"{slug}.ipynb").decode(), as_version=4)


@pytest.fixture(scope="module")
def notebook(chapter, bundle):
    return read(bundle, chapter["slug"])


@pytest.fixture(scope="module")
def solved(chapter, bundle):
    with zipfile.ZipFile(HTML.parent / "instructors.zip") as opened:
        return read(opened, chapter["slug"])


def text_of(notebook: nbformat.NotebookNode) -> str:
    return "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


# --- the archive ------------------------------------------------------------------------------------------


def test_the_archive_holds_every_chapter_the_package_what_to_install_and_a_page_to_read(bundle, archive):
    chapters = [f"{slug}.ipynb" for slug in slugs()]
    (wheel,) = (name for name in bundle.namelist() if name.endswith(".whl"))
    others = ["README.txt", wheel, "requirements-frameworks.txt", "requirements.txt"]
    assert sorted(bundle.namelist()) == sorted(chapters + others)
    readme = bundle.read("README.txt").decode()
    assert wheel in readme
    assert sorted(re.findall(r"^ +(\S+\.ipynb) ", readme, re.MULTILINE)) == sorted(chapters)
    assert len(readme.splitlines()) < 65, "more than a page"
    assert archive.stat().st_size < LIMIT


def test_the_package_holds_its_data(bundle):
    (name,) = (name for name in bundle.namelist() if name.endswith(".whl"))
    with bundle.open(name) as inside, zipfile.ZipFile(inside) as wheel:
        held = {path for path in wheel.namelist() if path.startswith("groundtruth/data/files/")}
    here = {f"groundtruth/data/files/{path.name}" for path in (ROOT / "src/groundtruth/data/files").iterdir()}
    assert held == here


def test_students_install_the_versions_of_the_lock(bundle):
    lines = bundle.read("requirements.txt").decode().splitlines()
    assert [line for line in lines if not line.startswith("#")] == as_lines(run_time(ROOT)).splitlines()
    more = bundle.read("requirements-frameworks.txt").decode()
    assert "-r requirements.txt" in more
    lock = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    assert {line for line in [*lines, *more.splitlines()] if "==" in line} <= set(lock)
    assert not re.search(r"^(jax|keras|onnx)", "\n".join(lines), re.MULTILINE)
    assert re.search(r"^jax==.*^keras==", more, re.MULTILINE | re.DOTALL)


def test_no_page_leads_to_the_solutions():
    if not (HTML / "index.html").is_file():
        pytest.skip(f"no pages in {HTML}")
    for path in HTML.rglob("*.html"):
        assert not re.search(r'(?:href|src)="[^"]*instructors', path.read_text(encoding="utf-8")), path
    assert not list(HTML.rglob("*instructors*"))


# --- the chapters -----------------------------------------------------------------------------------------


def test_no_markup_is_left(notebook, solved):
    assert left_over(notebook) == []
    assert left_over(solved) == []


def test_cells_are_valid_code_without_outputs(notebook, solved):
    for one in (notebook, solved):
        nbformat.validate(one)
        for cell in one.cells:
            if cell.cell_type == "code":
                assert not cell.outputs
                assert cell.execution_count is None
                ast.parse(cell.source)


FOLDERS = re.compile(
    r"\bgetcwd\b|\bPath\.cwd\b|(?<![.\w])open\(\s*[\"']|\bPath\(\s*[\"']|__file__|\.cuda\(|(?<!== )[\"']cuda"
)  # to ask for the type of a device is no choice of one


def test_no_cell_depends_on_the_working_directory_or_on_one_device(notebook):
    first, *cells = (cell.source for cell in notebook.cells if cell.cell_type == "code")
    assert "pip" in first
    assert {source: found for source in cells if (found := FOLDERS.findall(source))} == {}


def links_of(notebook: nbformat.NotebookNode) -> list[str]:
    """Where every link and picture of the text leads, outside of code."""
    text = MATHS.sub("", re.sub(r"(`+).+?\1", "", FENCED.sub("", text_of(notebook))))
    return re.findall(r"(?<!\\)\]\(([^)\s]*)\)", text)


def astray(notebook: nbformat.NotebookNode, names: list[str]) -> list[str]:
    """Which links lead nowhere: neither to the internet nor to a file beside, nor into the text itself."""
    return [
        link[:60]
        for link in links_of(notebook)
        if link not in names
        and not link.startswith("data:")
        and not re.match(r"https?://[\w.-]+\.\w+(?:/|$)", link)
    ]


def test_every_link_leads_somewhere(chapter, notebook, solved, bundle):
    assert links_of(notebook) or chapter["part"] == "Appendices"
    assert astray(notebook, bundle.namelist()) == []
    assert astray(solved, bundle.namelist()) == []


def pictures_of(notebook: nbformat.NotebookNode) -> dict[str, bytes]:
    """Alt text and bytes of every picture in the text."""
    found = re.findall(
        r"!\[((?:[^\]\\]|\\.)*)\]\(data:image/png;base64,([A-Za-z0-9+/=]+)\)", text_of(notebook)
    )
    return {_words(alt): base64.b64decode(letters) for alt, letters in found}


def test_every_figure_is_there(chapter, notebook):
    pictures = pictures_of(notebook)
    code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    captions = re.findall(r"^\*\*Fig\. \d+\.\d+\*\* ", text_of(notebook), re.MULTILINE)
    assert len(captions) == len(chapter["figures"])
    for figure in chapter["figures"]:
        if figure["kind"] == "run":
            assert "figure(" in code
            continue
        alt = _words(figure["alt"])
        drawn = [picture for words, picture in pictures.items() if words.startswith(alt)]
        assert drawn, f"{figure['name']} is not in the text"
        for picture in drawn:
            assert picture.startswith(b"\x89PNG")
            width, height = struct.unpack(">II", picture[16:24])
            assert width > 400
            assert height > 100


def test_exercises_are_there_and_only_instructors_have_solutions(chapter, notebook, solved):
    for one in (notebook, solved):
        assert len(re.findall(r"^> \*\*Exercise \d+", text_of(one), re.MULTILINE)) == chapter["exercises"]
    kinds = [cell.cell_type for cell in notebook.cells]
    for position, cell in enumerate(notebook.cells):
        if cell.cell_type == "markdown" and cell.source.startswith("> **Exercise "):
            stub = notebook.cells[position + 1]
            assert kinds[position + 1] == "code"
            assert "..." in stub.source
            assert "check(" in stub.source
    assert "**Solution**" not in text_of(notebook)
    assert text_of(solved).count("**Solution**") == chapter["exercises"]
    checks = [
        sum("check(" in c.source for c in one.cells if c.cell_type == "code") for one in (notebook, solved)
    ]
    assert checks == [chapter["exercises"], 2 * chapter["exercises"]]


# --- nothing of the page is lost --------------------------------------------------------------------------


def _words(text: str) -> str:
    """Text without what only Markdown or only HTML needs, and with every space the same."""
    text = re.sub(r"\\([\\*_`$\[\]<~&.)|])", r"\1", text)
    return " ".join(text.replace("\u2060", "").replace("\u00a0", " ").split())


def on_page(page: str) -> list[str]:
    """Every paragraph and item of a page's article, as text; a formula is one sign."""
    article = page[page.index('<article role="main"') : page.rindex("</article>")]
    article = article.split('<section class="gt-evidence-list"')[0]
    for pattern in (
        r"<details class=\"gt-solution.*?</details>", r"<(script|style|pre|annotation|svg)\b.*?</\1>",
        r'<span class="gt-hidden">.*?</span>', r'<a class="headerlink".*?</a>',
        r'<span class="caption-number">.*?</span>',
        r'<div class="cell_output.*?</div>\s*</div>\s*</div>', r'<span class="gt-stage-number">.*?</span>',
        r'<p class="gt-(?:facts|where).*?</p>',
    ):  # fmt: skip
        article = re.sub(pattern, " ", article, flags=re.DOTALL)
    article = re.sub(r"<math\b.*?</math>", "∎", article, flags=re.DOTALL)
    # A time differs in every run, so notebooks leave it out.
    found = re.findall(r"<p\b[^>]*>(.*?)</p>", article, flags=re.DOTALL)
    return [" ".join(html.unescape(re.sub(r"<[^>]+>", "", one)).split()) for one in found]


def in_notebook(notebook: nbformat.NotebookNode, origin: str) -> str:
    """The text of a notebook in the same form."""
    text = FENCED.sub("", PICTURE.sub("](picture)", text_of(notebook)))
    text = re.sub(r"^(?:> ?)+", "", text, flags=re.MULTILINE).replace(f" ({origin})", "")
    kept: list[str] = []

    def keep(match: re.Match[str]) -> str:
        kept.append(match[0].strip("`"))
        return f"\0{len(kept) - 1}\0"

    text = re.sub(r"(?<!\\)(`+).+?(?<!`)\1(?!`)", keep, text, flags=re.DOTALL)
    text = MATHS.sub("∎", text)
    text = re.sub(r"!?\[((?:[^\[\]\\]|\\.)*)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"(?<!\\)\*", "", text)
    return re.sub(r"\0(\d+)\0", lambda m: kept[int(m[1])], _words(text))


def lost(page: str, notebook: nbformat.NotebookNode, origin: str, timings: list[str]) -> list[str]:
    """Paragraphs of the page that the notebook has not, but for those that show a time."""
    text = re.sub(r"\s", "", in_notebook(notebook, origin))
    for name in timings:
        page = re.sub(rf'(<span[^>]*data-name="{re.escape(name)}"[^>]*>).*?(</span>)', r"\1…\2", page)
    shown = {one: re.sub(r"\s", "", _words(one)) for one in on_page(page)}
    return [one for one, plain in shown.items() if re.sub("…[▲▼≈]", "…", plain) not in text]


def test_no_sentence_of_the_page_is_lost(chapter, notebook):
    report = json.loads((HTML / "build-report.json").read_text(encoding="utf-8"))
    page = next(HTML.rglob(f"{chapter['slug']}.html")).read_text(encoding="utf-8")
    assert len(on_page(page)) > 20
    timings = [
        f"{one['slug']}/{entry['name']}"
        for one in report["chapters"]
        for entry in one["records"] + one["claims"]
        if entry["timing"]
    ]
    missing = lost(page, notebook, f"book build, {report['profile']}", timings)
    assert not missing, "\n".join(missing)


# --- planted faults ---------------------------------------------------------------------------------------

PAGE = """<article role="main"><p>It is <span class="gt-rec" data-name="a/n">42</span><a href="#e"><span>✓</span>
<span class="gt-hidden">holds</span></a>, by <span class="math"><math><mi>w</mi></math>.</span>
The <em>rule</em> ends.</p>
<p>It took <span class="gt-rec" data-name="a/t">3</span> s.</p></article>"""


def planted(source: str) -> nbformat.NotebookNode:
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(source)])


def test_a_lost_comma_is_found():
    whole = "It is 42 (book build, quick)\u00a0✓, by $w$. The *rule*\nends.\n\nIt took … s."
    assert lost(PAGE, planted(whole), "book build, quick", ["a/t"]) == []
    for old, new in (("$w$.", "$w$"), ("42", "41"), ("The *rule*\nends.", ""), ("\u00a0✓", "")):
        found = lost(PAGE, planted(whole.replace(old, new)), "book build, quick", ["a/t"])
        assert len(found) == 1, old


def test_markup_that_a_chapter_leaves_is_found():
    assert left_over(planted("It is {rec}`answer`.")) == ["a role: {rec}`…`"]


def test_a_link_that_leads_nowhere_is_found():
    cell = (
        "[a](alpha.ipynb) [b](beta.ipynb) [c](../appendix/glossary.html) [d](https://doi.org/10.1/x) `[e](f)`"
    )
    assert astray(planted(cell), ["alpha.ipynb"]) == ["beta.ipynb", "../appendix/glossary.html"]


@pytest.mark.parametrize(
    "code", ["open('data.csv')", "os.getcwd()", "Path('x')", "model.cuda()", "device = 'cuda'"]
)
def test_what_depends_on_a_folder_or_a_device_is_found(code):
    assert FOLDERS.search(code)
