"""Every fault that a data file can have is planted here, and must be named."""

import gzip
import hashlib
import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from groundtruth.data import files, images
from groundtruth.data.files import DataFileError, FileEntry

VALUES = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
CONTENT = bytes([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4]) + VALUES.tobytes()


def described(content=CONTENT, shape=(2, 3, 4)):
    return FileEntry(
        "train_images", "small.idx.gz", hashlib.sha256(content).hexdigest(), len(content), shape, "uint8"
    )


def fault(folder, packed, entry=None):
    """Write these bytes as the file, read it, and return the error's message."""
    (folder / "small.idx.gz").write_bytes(packed)
    with pytest.raises(DataFileError) as caught:
        files.read_file(entry or described(), folder)
    message = str(caught.value)
    assert str(folder / "small.idx.gz") in message
    assert (entry or described()).sha256 in message
    assert "pip install --force-reinstall --no-deps groundtruth" in message
    assert "git checkout -- src/groundtruth/data/files/small.idx.gz" in message
    return message


def test_a_good_file_is_read_and_is_the_callers_own(tmp_path):
    (tmp_path / "small.idx.gz").write_bytes(gzip.compress(CONTENT))
    array = files.read_file(described(), tmp_path)
    np.testing.assert_array_equal(array, VALUES)
    array[:] = 0
    np.testing.assert_array_equal(files.read_file(described(), tmp_path), VALUES)


def test_missing_file(tmp_path):
    with pytest.raises(DataFileError, match="missing") as caught:
        files.read_file(described(), tmp_path)
    assert str(tmp_path / "small.idx.gz") in str(caught.value)
    assert described().sha256 in str(caught.value)
    assert "git checkout -- src/groundtruth/data/files/small.idx.gz" in str(caught.value)


def test_unreadable_file(tmp_path):
    (tmp_path / "small.idx.gz").mkdir()
    with pytest.raises(DataFileError, match="cannot be read"):
        files.read_file(described(), tmp_path)


@pytest.mark.parametrize("left_out", [1, 4, 8, 20, "all"])
def test_truncated_gzip(tmp_path, left_out):
    packed = gzip.compress(CONTENT)
    assert "truncated" in fault(tmp_path, b"" if left_out == "all" else packed[:-left_out])


def test_not_gzip(tmp_path):
    assert "not readable as gzip" in fault(tmp_path, CONTENT)


def test_every_flipped_byte_is_an_error_or_changes_nothing(tmp_path):
    packed = gzip.compress(CONTENT, mtime=0)
    harmless = set()
    for position in range(len(packed)):
        altered = bytearray(packed)
        altered[position] ^= 0xFF
        (tmp_path / "small.idx.gz").write_bytes(altered)
        try:
            np.testing.assert_array_equal(files.read_file(described(), tmp_path), VALUES)
            harmless.add(position)
        except DataFileError:
            pass
    assert harmless <= {4, 5, 6, 7, 8, 9}  # time, level and operating system in the gzip header


def test_one_flipped_byte_of_content_shows_both_hashes(tmp_path):
    altered = bytearray(CONTENT)
    altered[-1] ^= 1
    message = fault(tmp_path, gzip.compress(altered))
    assert "altered" in message
    assert hashlib.sha256(altered).hexdigest() in message


def test_trailing_bytes_in_the_content(tmp_path):
    assert f"{len(CONTENT) + 1} bytes of content" in fault(tmp_path, gzip.compress(CONTENT + b"\0"))


@pytest.mark.parametrize("extra", [b"\0", b"more", gzip.compress(b"a second member", mtime=0)])
def test_trailing_bytes_after_the_gzip_stream(tmp_path, extra):
    assert "trailing bytes" in fault(tmp_path, gzip.compress(CONTENT) + extra)


@pytest.mark.parametrize(
    "header",
    [
        bytes([1, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4]),  # does not begin with two zeros
        bytes([0, 0, 13, 3, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4]),  # floats
        bytes([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 4, 0, 0, 0, 3]),  # rows and columns exchanged
        bytes([0, 0, 8, 3, 2, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0]),  # little-endian
    ],
)
def test_wrong_header_even_where_the_hash_is_right(tmp_path, header):
    content = header + VALUES.tobytes()
    assert "wrong idx header" in fault(tmp_path, gzip.compress(content), described(content))


@pytest.mark.parametrize("change", [-1, 1])
def test_wrong_number_of_values_even_where_the_hash_is_right(tmp_path, change):
    content = CONTENT[:-1] if change < 0 else CONTENT + b"\0"
    assert "wrong length" in fault(tmp_path, gzip.compress(content), described(content))


def test_type_other_than_bytes_is_refused(tmp_path):
    (tmp_path / "small.idx.gz").write_bytes(gzip.compress(CONTENT))
    with pytest.raises(DataFileError, match="wrong idx header"):
        files.read_file(replace(described(), dtype="float32"), tmp_path)


@pytest.fixture
def copied_cats_dogs(tmp_path, monkeypatch):
    """Point GROUNDTRUTH_DATA at a folder with copies of one set."""
    for file in files.entry("cats_dogs").files:
        (tmp_path / file.name).write_bytes((files.PACKAGE_FOLDER / file.name).read_bytes())
    monkeypatch.setenv(files.VARIABLE, str(tmp_path))
    return tmp_path


def test_another_folder_is_read_and_checked_alike(copied_cats_dogs):
    assert len(files.read_set("cats_dogs")["test_labels"]) == 1000
    # A manifest in that folder changes nothing.
    (copied_cats_dogs / "manifest.json").write_text("{}")
    labels = copied_cats_dogs / "cats-dogs-test-labels.idx.gz"
    content = bytearray(gzip.decompress(labels.read_bytes()))
    content[-1] ^= 1
    labels.write_bytes(gzip.compress(content))
    with pytest.raises(DataFileError, match=r"cats-dogs-test-labels\.idx\.gz: altered") as caught:
        files.read_set("cats_dogs")
    assert f"{files.VARIABLE} is set to {copied_cats_dogs}" in str(caught.value)


@pytest.mark.parametrize("number", range(4))
def test_no_part_of_a_set_without_the_rest(copied_cats_dogs, number):
    (copied_cats_dogs / files.entry("cats_dogs").files[number].name).unlink()
    with pytest.raises(DataFileError, match="missing"):
        images.from_files("cats_dogs")


def test_an_empty_variable_means_the_package(monkeypatch):
    monkeypatch.setenv(files.VARIABLE, "")
    assert files.folder() == files.PACKAGE_FOLDER
    monkeypatch.delenv(files.VARIABLE)
    assert files.folder() == files.PACKAGE_FOLDER


@pytest.mark.parametrize("text", [None, "{", "[]", '{"schema": 2, "data_sets": []}', '{"schema": 1}'])
def test_unreadable_manifest(tmp_path, text):
    path = tmp_path / "manifest.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(DataFileError, match=r"manifest\.json"):
        files.manifest(path)


def test_unknown_set_lists_the_known_ones():
    with pytest.raises(DataFileError, match="mnist, fashion_mnist, cats_dogs"):
        files.entry("cifar100")


def test_manifest_is_complete_and_names_what_is_there():
    there = {path.name for path in files.PACKAGE_FOLDER.iterdir() if path.suffix == ".gz"}
    listed = [file.name for entry in files.manifest().values() for file in entry.files]
    assert sorted(listed) == sorted(there)
    for name, entry in files.manifest().items():
        assert (files.PACKAGE_FOLDER.parent / f"{name}.py").is_file()
        assert [file.role for file in entry.files] == [
            "train_images",
            "train_labels",
            "test_images",
            "test_labels",
        ]
        counts = [file.shape[0] for file in entry.files]
        assert counts == [entry.examples["train"]] * 2 + [entry.examples["test"]] * 2
        for text in (
            entry.title,
            entry.licence,
            entry.licence_short,
            entry.origin,
            entry.package,
            entry.citation,
        ):
            assert text.strip()
        assert entry.known_problems
        assert all(problem.endswith(".") for problem in entry.known_problems)
    licence = (files.PACKAGE_FOLDER / "fashion-mnist-licence.txt").read_text()
    assert "Zalando" in licence
    assert "this permission notice shall be included" in licence


def test_the_files_are_small_enough_to_travel():
    assert sum(path.stat().st_size for path in files.PACKAGE_FOLDER.iterdir()) < 50_000_000


def test_the_fingerprint_of_a_set_changes_with_any_file(tmp_path):
    fingerprints = {entry.sha256 for entry in files.manifest().values()}
    content = json.loads(files.MANIFEST.read_text())
    for data_set in content["data_sets"]:
        for file in data_set["files"]:
            was, file["sha256"] = file["sha256"], "0" * 64
            path = tmp_path / "manifest.json"
            path.write_text(json.dumps(content))
            fingerprints.add(files.manifest(path)[data_set["name"]].sha256)
            file["sha256"] = was
    assert len(fingerprints) == 3 + 12


def test_loading_data_does_not_import_lightning():
    """It takes three seconds; only ``modules`` may ask for it."""
    code = (
        "import sys; import groundtruth.data.cats_dogs, groundtruth.data.mnist, groundtruth.data.fashion_mnist;"
        "sys.exit(any('lightning' in name for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
