"""What may befall a build, done to one: the next build gives the right book or says what is wrong.

A kill at several moments, an interrupt, a second build beside it, sources that cannot be written, a spoilt cache, a
full disk. The book is that of two chapters; a number of the first is on every page, and changes before each blow.
"""

import json
import os
import shutil
import signal
import subprocess
from contextlib import contextmanager

import psutil
import pytest

pytestmark = pytest.mark.book

FIRST = "answer = 42"


@pytest.fixture
def restless(book):
    """The book, built; its first chapter sleeps as long as the environment says when it runs."""
    book.swap(
        "book/alpha.md", FIRST, f"import os, time\n\n{FIRST}\ntime.sleep(float(os.environ.get('NAP', 0)))"
    )
    built = book.build()
    assert built.status == 0, built.output
    return book


def change(book, number):
    text = book.read("book/alpha.md")
    at = text.index("answer = ") + len("answer = ")
    book.write("book/alpha.md", f"{text[:at]}{number}{text[at + 2 :]}")


def is_right(book, built, number):
    """Say whether pages, notebooks and report are all there, whole, and of this number alone."""
    assert built.status == 0, built.output
    assert built.text("alpha", "answer") == str(number)
    for page in ("alpha", "beta", "index"):
        text = book.page(page)
        assert text.rstrip().endswith("</html>"), f"{page} is cut off"
        assert f">{number}<" in text, f"{page} does not show {number}"
        assert not [old for old in range(70, 100) if old != number and f">{old}<" in text], f"{page} is old"
    for folder in ("html/notebooks", "instructors"):
        json.loads((book.out / folder / "alpha.ipynb").read_text(encoding="utf-8"))
        assert f"alpha found {number}" in (book.out / folder / "beta.ipynb").read_text(encoding="utf-8")
    assert not (book.out / "unfinished").exists()


def is_not_shown(book):
    """Say whether nothing passes for a book."""
    assert not (book.out / "html").exists()


def have_ended(processes):
    _, alive = psutil.wait_procs(processes, timeout=20)
    return not alive


MOMENTS = (
    "alpha runs",
    "reading sources",
    "pickling environment",
    "writing output",
    "writing additional pages",
)


def killed(book, moment, number):
    change(book, number)
    running = book.start(NAP="30" if moment == "alpha runs" else "0").until(moment)
    kernels = running.send(signal.SIGKILL)
    with pytest.raises(AssertionError, match="the build died"):
        running.result()
    is_not_shown(book)
    assert have_ended(kernels), "a kernel outlives the build that was killed"
    is_right(book, book.build(), number)


def test_a_kill_while_chapters_run(restless):
    killed(restless, "alpha runs", 73)


def test_a_kill_while_pages_are_written(restless):
    killed(restless, "writing output", 73)


@pytest.mark.slow
def test_a_kill_at_any_other_moment(restless):
    for number, moment in enumerate(MOMENTS, start=73):
        killed(restless, moment, number)


@pytest.mark.slow
def test_kills_at_moments_of_no_meaning(restless):
    """Every quarter of a second, until a build comes to its end."""
    for count in range(40):
        number = 73 + count % 16
        change(restless, number)
        running = restless.start().until("Running Sphinx")
        try:
            running.process.wait(timeout=0.25 * (count + 1))
        except psutil.TimeoutExpired:
            running.send(signal.SIGKILL)
        else:
            break
        with pytest.raises(AssertionError, match="the build died"):
            running.result()
        if (restless.out / "html").exists():  # it was at its very end
            assert (restless.out / "html" / "build-report.json").exists()
        is_right(restless, restless.build(), number)
    else:
        pytest.fail("no build came to its end in ten seconds")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_is_said_and_ends_the_kernels(restless, number):
    change(restless, 73)
    running = restless.start(NAP="60").until("alpha runs")
    while not (kernels := running.process.children(recursive=True)):
        pass
    running.send(number)
    built = running.result()
    assert built.status == 130, built.output
    assert "Interrupted. Chapters that have run are kept" in built.output
    assert "Traceback" not in built.output
    assert have_ended(kernels)
    is_not_shown(restless)
    is_right(restless, restless.build(), 73)


def test_the_second_of_two_builds_is_told_of_the_first(restless):
    change(restless, 73)
    running = restless.start(NAP="600").until("alpha runs")
    second = restless.command()
    assert second.status == 2, second.output
    assert f"another build is at work in {restless.out}: process {running.process.pid} on" in second.output
    running.send(signal.SIGTERM)
    assert running.result().status == 130, "the first has taken harm"
    is_right(restless, restless.build(), 73)


# --- a cache that cannot be trusted -----------------------------------------------------------------


def base(book, slug):
    """The stored outputs of a chapter."""
    word = {"alpha": "answer", "beta": "claim_every"}[slug]
    (path,) = (
        p for p in (book.out / ".jupyter_cache").glob("executed/*/base.ipynb") if word in p.read_text()
    )
    return path


def strip(path):
    notebook = json.loads(path.read_text())
    for cell in notebook["cells"]:
        cell["outputs"] = []
    path.write_text(json.dumps(notebook))


def cut(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


SPOILT = {
    "database cut off": (lambda book: cut(book.out / ".jupyter_cache/global.db"), ["alpha", "beta"]),
    "database is text": (
        lambda book: (book.out / ".jupyter_cache/global.db").write_text("no database\n" * 999), ["alpha", "beta"],
    ),
    "database is empty": (lambda book: (book.out / ".jupyter_cache/global.db").write_text(""), ["alpha", "beta"]),
    "database is gone": (lambda book: (book.out / ".jupyter_cache/global.db").unlink(), ["alpha", "beta"]),
    "a file in its place": (
        lambda book: (shutil.rmtree(book.out / ".jupyter_cache"), (book.out / ".jupyter_cache").write_text("x")),
        ["alpha", "beta"],
    ),
    "outputs cut off": (lambda book: cut(base(book, "alpha")), ["alpha"]),
    "outputs removed": (lambda book: strip(base(book, "alpha")), ["alpha"]),
    "outputs of another": (lambda book: shutil.copy(base(book, "beta"), base(book, "alpha")), ["alpha"]),
    "entry gone": (lambda book: shutil.rmtree(base(book, "alpha").parent), ["alpha"]),
}  # fmt: skip


@pytest.mark.parametrize(
    "how",
    [pytest.param(how, marks=[] if n % 3 == 0 else pytest.mark.slow) for n, how in enumerate(SPOILT)],
)
def test_a_spoilt_cache_is_found_out(book, how):
    spoil, runs = SPOILT[how]
    spoil(book)
    built = book.build()
    is_right(book, built, 42)
    assert built.executed() == runs
    again = book.build()
    assert (again.status, again.executed()) == (0, []), again.output


def test_spoilt_drawings_and_fonts_are_made_anew(book):
    for path in (*(book.out / ".diagrams").iterdir(), *(book.out / ".matplotlib").glob("*.json")):
        cut(path)
    is_right(book, book.build(), 42)


# --- where nothing can be written, or nothing more ----------------------------------------------------


def mount(*arguments):
    """Mount, or skip the test where that is not allowed."""
    if os.geteuid() or shutil.which("mount") is None:
        pytest.skip("only root may mount")
    ended = subprocess.run(["mount", *map(str, arguments)], check=False, capture_output=True, text=True)
    if ended.returncode:
        pytest.skip(f"cannot mount here: {ended.stderr.strip()}")


@contextmanager
def read_only(folder):
    """Make a folder one that nobody can write into, root included."""
    mount("--bind", folder, folder)
    try:
        mount("-o", "remount,bind,ro", folder)
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_sources_that_cannot_be_written_are_enough(book, tmp_path):
    book.out = tmp_path / "elsewhere"
    with read_only(book.folder / "book"), read_only(book.folder / "figures"):
        is_right(book, book.build(), 42)


def test_a_folder_that_cannot_be_written_is_named_with_the_way_out(book):
    shutil.rmtree(book.out)
    book.out.mkdir()
    with read_only(book.out):
        built = book.build()
    assert built.status == 2
    assert f"{book.out}" in built.output
    assert "make book OUT=" in built.output
    assert "Traceback" not in built.output


@pytest.mark.slow
def test_a_full_disk_is_said_at_whatever_moment_it_fills(book, tmp_path):
    """The disk gets larger step by step until the book fits."""
    book.out = tmp_path / "disk"
    book.out.mkdir()
    mount("-t", "tmpfs", "-o", "size=64k", "tmpfs", book.out)
    failed = 0
    try:
        for size in (64, 256, 512, 1024, 1536, 2048, 3072, 4096, 8192, 16384):
            mount("-o", f"remount,size={size}k", book.out)
            built = book.build()
            if built.status == 0:
                break
            failed += 1
            is_not_shown(book)
            assert "The disk is full" in built.output, f"{size} kB: {built.output}"
        assert failed > 3
        is_right(book, built, 42)
    finally:
        subprocess.run(["umount", str(book.out)], check=True)
