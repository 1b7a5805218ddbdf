"""The notebooks, run as a student would: from the archive, outside the repository, in a fresh environment, offline.

One environment serves all of them (``tests/conftest.py`` makes it), and one more has what a chapter alone needs. They
run two at a time, one thread each: the whole book once in *quick*. The instructors' notebooks are the students' with
solutions in between, which is tested; so behind the last cell of a student's notebook, in the same kernel, the
solutions run. Only where a chapter goes on behind a solution, the instructors' notebook runs by itself.
"""

import asyncio
import json
import os
import re
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from groundtruth.sphinxext.first_cell import EXTRAS, first_cell

ROOT = Path(__file__).parents[2]
HTML = Path(os.environ.get("GROUNDTRUTH_HTML", ROOT / "_build" / "html")).resolve()

pytestmark = [pytest.mark.book, pytest.mark.slow]

AT_ONCE = 2
FIRST = ("frameworks", "transfer-learning", "convolution", "deep-architectures", "what-is-deep-learning")
"""The longest, so that the last to end does not run alone."""


def slugs() -> list[str]:
    """Every chapter of the site."""
    return sorted(path.stem for path in (HTML / "notebooks").glob("*.ipynb"))


def notebooks_of(archive: Path) -> dict[str, nbformat.NotebookNode]:
    """The notebooks of an archive, by slug."""
    with zipfile.ZipFile(archive) as bundle:
        return {
            Path(name).stem: nbformat.reads(bundle.read(name).decode(), as_version=4)
            for name in bundle.namelist()
            if name.endswith(".ipynb")
        }


def code_of(notebook: nbformat.NotebookNode) -> list[str]:
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


def text_of_cells(notebook: nbformat.NotebookNode) -> str:
    return "\n".join(cell.source for cell in notebook.cells)


def added(student: nbformat.NotebookNode, instructor: nbformat.NotebookNode) -> list[tuple[int, str]]:
    """The code that the instructors' notebook has in addition, each behind how many cells of the student's.

    An error where it is not the student's otherwise.
    """
    theirs, behind, more = code_of(student), 0, []
    for source in code_of(instructor):
        if behind < len(theirs) and source == theirs[behind]:
            behind += 1
        else:
            more.append((behind, source))
    assert behind == len(theirs), f"the instructors' notebook lacks:\n{theirs[behind]}"
    return more


def goes_on(student: nbformat.NotebookNode, instructor: nbformat.NotebookNode) -> bool:
    """Whether the chapter goes on behind its first solution, and not with exercises and the comparing cell alone."""
    more = added(student, instructor)
    first = more[0][0] if more else len(code_of(student))
    return not all("check(" in source for source in code_of(student)[first:-1])


@pytest.fixture(scope="module")
def solved(archive) -> dict[str, nbformat.NotebookNode]:
    return notebooks_of(HTML.parent / "instructors.zip")


@pytest.fixture(scope="module")
def places(student, archive, make_student, tmp_path_factory):
    """Where a chapter runs: the student's environment, or one with what it alone needs; the wheel in both."""
    made = {"": student}
    for extra in sorted(EXTRAS & set(slugs())):
        made[extra] = make_student(tmp_path_factory.mktemp(extra), archive, f"requirements-{extra}.txt")
    kernels = tmp_path_factory.mktemp("kernels")
    for extra, place in made.items():
        place.add_kernel(kernels, f"student-{extra}")
        # The first cell of a chapter, as text: it runs in a folder below the one where the wheel lies.
        below = place.folder / "week-1"
        below.mkdir()
        ended = place.run("-c", first_cell(extra or "convolution", place.wheel().name), folder=below)
        assert ended.returncode == 0, ended.stdout + ended.stderr
        assert "Installing" in ended.stdout
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_PATH", str(kernels))
        yield lambda slug: (made[slug], f"student-{slug}") if slug in EXTRAS else (student, "student-")


@pytest.fixture(scope="module")
def runs(archive, solved, places, tmp_path_factory, request):
    """Every notebook, or those that this session asks for, run: the executed notebook, or the error that ended it."""
    wanted = {
        item.callspec.params["slug"]
        for item in request.session.items
        if getattr(item, "originalname", "").startswith("test_notebook_runs")
    }
    done: dict[str, nbformat.NotebookNode | Exception] = {}
    seconds: dict[str, float] = {}

    async def one(slug: str, notebook: nbformat.NotebookNode, gate: asyncio.Semaphore) -> None:
        place, kernel = places(slug.split(maxsplit=1)[0])
        # Neither the repository nor the folder of the wheel.
        folder = tmp_path_factory.mktemp(f"away-{slug.replace(' ', '-')}")
        if slug in solved:
            notebook.cells += [
                nbformat.v4.new_code_cell(source, metadata={"solution": True})
                for _, source in added(notebook, solved[slug])
            ]
        environment = place.environment()
        client = NotebookClient(
            notebook, kernel_name=kernel, timeout=400, resources={"metadata": {"path": str(folder)}}
        )
        async with gate:
            started = time.monotonic()
            try:
                await client.async_execute(env=environment)
                done[slug] = notebook
            except Exception as error:  # each chapter's test says what became of it
                done[slug] = error
            seconds[slug] = time.monotonic() - started
        notebook.metadata["wrote"] = sorted(path.name for path in folder.iterdir())

    async def everything() -> None:
        gate = asyncio.Semaphore(AT_ONCE)
        found = {slug: notebook for slug, notebook in notebooks_of(archive).items() if slug in wanted}
        found |= {
            f"{slug} solved": nbformat.from_dict(solved[slug])
            for slug, notebook in list(found.items())
            if goes_on(notebook, solved[slug])
        }
        order = sorted(found, key=lambda slug: (FIRST.index(slug) if slug in FIRST else len(FIRST), slug))
        await asyncio.gather(*(one(slug, found[slug], gate) for slug in order))

    with ThreadPoolExecutor(
        1
    ) as aside:  # a browser's tests in this process may have left a loop running here
        aside.submit(asyncio.run, everything()).result()
    print("\n".join(f"{slug}: {took:.0f} s" for slug, took in sorted(seconds.items(), key=lambda s: -s[1])))
    return done


def test_the_network_of_the_fresh_environment_is_closed(student):
    ended = student.run("-c", "import urllib.request; urllib.request.urlopen('http://192.0.2.1/', timeout=3)")
    assert "the network is closed" in ended.stderr


def test_the_fresh_environment_has_neither_the_tools_of_the_site_nor_another_chapters_packages(student):
    for module in ("sphinx", "myst_nb", "jax", "keras", "pytest"):
        assert student.run("-c", f"import {module}").returncode != 0, module


def test_what_is_installed_fits_together(student):
    ended = student.run("-m", "pip", "check")
    assert ended.returncode == 0, ended.stdout


def test_without_the_wheel_the_first_cell_says_which_line_installs_it(student, tmp_path):
    """Before anything is installed; the line is run as it is said, with the folder filled in."""
    ended = student.run("-c", first_cell("convolution", student.wheel().name), folder=tmp_path)
    assert ended.returncode != 0
    assert str(tmp_path) in ended.stderr
    line = re.search(r'%pip (install) "(/the/folder/.*)"', ended.stderr)
    target = line[2].replace("/the/folder", str(student.folder))
    assert student.run("-m", "pip", line[1], target, folder=tmp_path).returncode == 0
    assert student.run("-c", "import groundtruth.evidence", folder=tmp_path).returncode == 0
    student.run("-m", "pip", "uninstall", "--quiet", "--yes", "groundtruth")


@pytest.mark.parametrize("slug", slugs() or ["none"])
def test_notebook_runs_from_top_to_bottom_and_its_solutions_pass(slug, request):
    if slug == "none":
        pytest.skip(f"no notebooks in {HTML}: run 'make test-all'")
    runs = request.getfixturevalue("runs")
    for run in (runs[slug], runs.get(f"{slug} solved")):
        if isinstance(run, Exception):
            raise run
    notebook = runs[slug]
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    outputs = [output for cell in cells for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == "error"]
    assert not [output.text for output in outputs if output.get("name") == "stderr"]
    assert notebook.metadata["wrote"] == [], "the notebook wrote files"

    theirs = [cell for cell in cells if not cell.metadata.get("solution")]
    last = theirs[-1].outputs[0].text
    assert "here" in last.splitlines()[0]
    assert " – " not in last, "a value of the book was not computed here"

    report = json.loads((HTML / "build-report.json").read_text(encoding="utf-8"))
    chapter = next(one for one in report["chapters"] if one["slug"] == slug)
    drawn = sum("image/png" in output.get("data", {}) for cell in theirs for output in cell.outputs)
    assert drawn >= sum(figure["kind"] == "run" for figure in chapter["figures"]), "a figure was not drawn"

    def said(some) -> list[str]:
        """What the checks answer: claims print such signs too, from cells without a check."""
        return [
            output["data"]["text/plain"]
            for cell in some
            for output in cell.outputs
            if re.search(r"^check\(", cell.source, re.MULTILINE)
            and re.match(r"[✓✗]", output.get("data", {}).get("text/plain", ""))
        ]

    right = said([cell for cell in cells if cell.metadata.get("solution")])
    assert len(right) == chapter["exercises"], "a solution was not checked"
    assert not [one for one in right if not one.startswith("✓ Right.")]
    if f"{slug} solved" in runs:
        answers = said([cell for cell in runs[f"{slug} solved"].cells if cell.cell_type == "code"])
        assert sum(one.startswith("✓ Right.") for one in answers) == chapter["exercises"]
    assert len(said(theirs)) == chapter["exercises"], "an exercise has no check"
    assert not [one for one in said(theirs) if one.startswith("✓")], "an empty exercise passes"


@pytest.mark.parametrize("slug", slugs() or ["none"])
def test_the_instructors_notebook_is_the_students_with_solutions_in_between(slug, archive, solved):
    if slug == "none":
        pytest.skip(f"no notebooks in {HTML}: run 'make test-all'")
    student, instructor = notebooks_of(archive)[slug], solved[slug]
    more = added(student, instructor)
    assert more or not re.search(r"\bcheck\(", text_of_cells(student)), "exercises without solutions"
    hidden = {source for _, source in more} & set(code_of(student))
    assert not hidden, "a solution stands in the student's notebook"


def test_a_failing_cell_and_an_open_network_are_seen(places, tmp_path):
    """The way in which the notebooks are run finds an error: here two are planted."""
    place, kernel = places("convolution")
    for source, fault in (
        ("1 / 0", "ZeroDivisionError"),
        ("import urllib.request as r; r.urlopen('http://a.example')", "closed"),
    ):
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
        client = NotebookClient(notebook, kernel_name=kernel, resources={"metadata": {"path": str(tmp_path)}})
        with pytest.raises(CellExecutionError, match=fault):
            client.execute(env=place.environment())
