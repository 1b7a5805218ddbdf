from types import SimpleNamespace

from groundtruth.sphinxext import watched


def test_a_page_is_read_again_when_a_file_comes_changes_or_goes(tmp_path):
    shown, other = tmp_path / "shown.json", tmp_path / "other.json"
    other.write_text("as ever")
    env = SimpleNamespace(docname="measures", found_docs={"measures", "else"})

    def stale():
        return watched.outdated(None, env, set(), set(), set())

    def read():
        watched.watch(env, shown)
        watched.watch(env, other)

    read()
    assert stale() == []
    shown.write_text("1")
    assert stale() == ["measures"]
    read()
    assert stale() == []
    shown.write_text("2")
    assert stale() == ["measures"]
    read()
    shown.unlink()
    assert stale() == ["measures"]
    env.found_docs = {"else"}
    assert stale() == []  # a page that is gone
