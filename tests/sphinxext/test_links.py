"""Links are asked of a server on this machine: one that works, one that is gone, one that refuses, and two DOIs."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from groundtruth.sphinxext import links

STATUS = {
    "/good": 200,
    "/gone": 404,
    "/refused": 403,
    "/anchors": 200,
    "/api/handles/10.1000/there": 200,
    "/api/handles/10.1000/lost": 404,
}
QUICK = {"linkcheck_ignore": [], "linkcheck_retries": 1, "linkcheck_timeout": 5}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/moved":
            self.send_response(301)
            self.send_header("Location", "/good")
            self.end_headers()
            return
        self.send_response(STATUS.get(self.path, 500))
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(b'<p id="here">A page.</p>')

    do_HEAD = do_GET  # noqa: N815 - the name that http.server calls

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def site():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def book(tmp_path, site):
    """Build two pages and a README with the given links."""

    def make(*addresses):
        html = tmp_path / "html"
        (html / "appendix").mkdir(parents=True)
        body = "".join(f'<a class="reference external" href="{address}">x</a>' for address in addresses)
        (html / "index.html").write_text(
            f'<a href="#top">x</a><a href="a.html">x</a>{body}', encoding="utf-8"
        )
        (html / "appendix" / "b.html").write_text(body, encoding="utf-8")
        (tmp_path / "README.md").write_text(
            f"See [this]({site}/good) and <{site}/moved>.\n", encoding="utf-8"
        )
        return html

    return make


def test_every_kind_of_answer(site):
    doi = "https://doi.org/10.1000/"
    addresses = [
        *(f"{site}/{path}" for path in ("good", "moved", "gone", "refused", "anchors#here", "anchors#lost")),
        f"{doi}there",
        f"{doi}lost",
        "http://127.0.0.1:9/nobody-listens",
    ]
    answers = links.check(addresses, site, **QUICK)
    assert answers.working == 4
    assert set(answers.undecided) == {f"{site}/refused"}
    assert set(answers.broken) == {
        f"{site}/gone", f"{site}/anchors#lost", f"{doi}lost", "http://127.0.0.1:9/nobody-listens",
    }  # fmt: skip
    assert "404" in answers.broken[f"{site}/gone"]


def test_links_of_pages_and_readme_are_found_once_with_their_pages(book, site):
    html = book(f"{site}/good", f"{site}/gone", f"{site}/gone", "mailto:a@b.example")
    assert links.links_of(html, html.parent / "README.md") == {
        f"{site}/good": ["appendix/b.html", "index.html", "README.md"],
        f"{site}/gone": ["appendix/b.html", "index.html"],
        f"{site}/moved": ["README.md"],
    }


def run(html, monkeypatch):
    monkeypatch.setitem(links.SETTINGS, "linkcheck_ignore", [])
    return links.main(["--html", str(html), "--readme", str(html.parent / "README.md")])


def test_a_broken_link_is_named_with_its_pages_and_gives_status_1(book, site, monkeypatch, capsys):
    assert run(book(f"{site}/good", f"{site}/gone"), monkeypatch) == 1
    said = capsys.readouterr().out
    assert said.count("Broken:") == 1
    row = next(line for line in said.splitlines() if line.startswith(f"  {site}/gone"))
    assert "appendix/b.html, index.html" in row
    assert "404" in row
    assert "2 links work, 1 are broken, 0 undecided" in said


def test_links_that_work_give_status_0(book, site, monkeypatch, capsys):
    assert run(book(f"{site}/good", f"{site}/refused"), monkeypatch) == 0
    said = capsys.readouterr().out
    assert "Broken:" not in said
    assert "2 links work, 0 are broken, 1 undecided" in said


def test_without_a_book_it_says_how_to_make_one(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert links.main([]) == 2
    assert "make book" in capsys.readouterr().err


def test_a_doi_is_looked_up_in_the_register():
    assert (
        links.asked_for("https://doi.org/10.1037/h0042519") == "https://doi.org/api/handles/10.1037/h0042519"
    )
    assert links.asked_for("https://arxiv.org/abs/1512.03385") == "https://arxiv.org/abs/1512.03385"
