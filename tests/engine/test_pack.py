"""Film packages: the same bytes for the same film, and nothing that leads out of the folder."""

import hashlib
import io
import json
import stat
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.authoring import pack_film
from engine.packages import PackageError, film_at, open_package, unpack, write_package, wrong_name

FILM = """\
title: {en: Packed}
fps: 24
start: first
max_runtime: 1 min
scenes:
  first: {clip: clips/one.mkv, length: 1 s, default: last}
  last: {clip: clips/two.mkv, length: 1 s, ending: true}
"""


def nothing(*done):
    pass


@pytest.fixture
def film(tmp_path):
    """Lay out a film whose clips are a few bytes: packing looks at none of them."""
    folder = tmp_path / "film"
    (folder / "clips").mkdir(parents=True)
    (folder / "journeys").mkdir()
    (folder / "film.yaml").write_text(FILM)
    (folder / "clips" / "one.mkv").write_bytes(b"one" * 1000)
    (folder / "clips" / "two.mkv").write_bytes(b"two" * 1000)
    (folder / "clips" / "unused.mkv").write_bytes(b"unused")
    (folder / "journeys" / "way.yaml").write_text("steps: []\n")
    return folder / "film.yaml"


def test_a_package_holds_what_the_film_names_and_comes_out_as_it_went_in(film, tmp_path):
    manifest = pack_film(film, tmp_path / "x.hallfilm", nothing)
    assert [entry.path for entry in manifest.files] == [
        "film.yaml",
        "clips/one.mkv",
        "clips/two.mkv",
        "journeys/way.yaml",
    ]
    unpack(tmp_path / "x.hallfilm", tmp_path / "out", nothing)
    for entry in manifest.files:
        content = (tmp_path / "out" / entry.path).read_bytes()
        assert content == (film.parent / entry.path).read_bytes()
        assert hashlib.sha256(content).hexdigest() == entry.sha256


def test_equal_content_gives_equal_bytes(film, tmp_path):
    pack_film(film, tmp_path / "a.hallfilm", nothing)
    unpack(tmp_path / "a.hallfilm", tmp_path / "again", nothing)
    pack_film(tmp_path / "again" / "film.yaml", tmp_path / "b.hallfilm", nothing)
    assert (tmp_path / "a.hallfilm").read_bytes() == (tmp_path / "b.hallfilm").read_bytes()


def test_a_clip_outside_the_film_s_folder_is_named_with_its_line(film, tmp_path):
    film.write_text(FILM.replace("clips/one.mkv", "../one.mkv"))
    with pytest.raises(PackageError, match=r'film.yaml:6:.*"../one.mkv".*keep it in the film'):
        pack_film(film, tmp_path / "x.hallfilm", nothing)


def test_a_missing_clip_is_named_with_its_line(film, tmp_path):
    (film.parent / "clips" / "two.mkv").unlink()
    with pytest.raises(PackageError, match=r"film.yaml:7:.*no such file"):
        pack_film(film, tmp_path / "x.hallfilm", nothing)
    assert not (tmp_path / "x.hallfilm").exists()


def test_the_cache_unpacks_once_and_again_when_something_is_gone(film, tmp_path):
    pack_film(film, tmp_path / "x.hallfilm", nothing)
    opened = open_package(tmp_path / "x.hallfilm", tmp_path / "cache")
    assert opened.read_text() == FILM
    marked = opened.parent / "mark"
    marked.touch()
    assert film_at(tmp_path / "x.hallfilm", tmp_path / "cache") == opened
    assert marked.exists()
    (opened.parent / "clips" / "two.mkv").unlink()
    assert open_package(tmp_path / "x.hallfilm", tmp_path / "cache") == opened
    assert (opened.parent / "clips" / "two.mkv").exists()


def test_a_film_file_is_itself(film, tmp_path):
    assert film_at(film, tmp_path / "cache") == film


def test_a_folder_with_something_in_it_is_left_alone(film, tmp_path):
    pack_film(film, tmp_path / "x.hallfilm", nothing)
    with pytest.raises(PackageError, match="not empty"):
        unpack(tmp_path / "x.hallfilm", film.parent, nothing)


def test_names_that_fall_onto_one_another_are_not_packed(tmp_path):
    one = tmp_path / "one"
    one.write_bytes(b"")
    files = {"film.yaml": one, "clips/A.mkv": one, "clips/a.mkv": one}
    with pytest.raises(PackageError, match=r"clips/a.mkv.*falls onto"):
        write_package(tmp_path / "x.hallfilm", files, nothing)


def archive_of(*entries, manifest=None, compression=zipfile.ZIP_STORED):
    """Write a package by hand: entries of (name, content, unix mode)."""
    files = [
        {"path": name, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        for name, data, _ in entries
    ]
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        text = json.dumps({"format": 1, "files": files}) if manifest is None else manifest
        archive.writestr("manifest.json", text)
        for name, data, mode in entries:
            info = zipfile.ZipInfo(name)
            info.external_attr = mode << 16
            archive.writestr(info, data, compression)
    return target.getvalue()


PLAIN = ("film.yaml", FILM.encode(), stat.S_IFREG | 0o644)
BAD = {
    "an absolute name": ([PLAIN, ("/etc/passwd", b"x", 0)], "/etc/passwd"),
    "a way up": ([PLAIN, ("clips/../../up", b"x", 0)], "clips/../../up"),
    "a drive": ([PLAIN, ("C:/up", b"x", 0)], "C:/up"),
    "a backslash": ([PLAIN, ("clips\\up", b"x", 0)], "clips"),
    "a link": ([PLAIN, ("clip", b"/etc/passwd", stat.S_IFLNK | 0o777)], "'clip': is a link"),
    "a device": ([PLAIN, ("clip", b"", stat.S_IFIFO | 0o644)], "'clip': is no file"),
    "a folder": ([PLAIN, ("clips/", b"", 0)], "clips/"),
    "letters of two sizes": ([PLAIN, ("Film.yaml", b"x", 0)], "Film.yaml"),
    "a file as a folder": ([PLAIN, ("film.yaml/x", b"x", 0)], "is a file, and a folder"),
    "a name of its own": ([PLAIN, ("a//b", b"x", 0)], "a//b"),
    "no film": ([("other.yaml", b"x", 0)], "film.yaml"),
}


@pytest.mark.parametrize("what", BAD)
def test_what_could_lead_out_of_the_folder_is_refused_by_name(tmp_path, what):
    entries, words = BAD[what]
    package = tmp_path / "x.hallfilm"
    package.write_bytes(archive_of(*entries))
    with pytest.raises(PackageError) as refused:
        unpack(package, tmp_path / "out", nothing)
    assert words in str(refused.value)
    assert not (tmp_path / "out").exists()


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_twice_is_refused(tmp_path):
    package = tmp_path / "x.hallfilm"
    package.write_bytes(archive_of(PLAIN, PLAIN))
    with pytest.raises(PackageError, match=r"film.yaml.*twice"):
        unpack(package, tmp_path / "out", nothing)


def test_a_bomb_is_refused_by_name(tmp_path):
    package = tmp_path / "x.hallfilm"
    bomb = ("clips/bomb.mkv", bytes(10_000_000), 0)
    package.write_bytes(archive_of(PLAIN, bomb, compression=zipfile.ZIP_DEFLATED))
    assert package.stat().st_size < 100_000
    with pytest.raises(PackageError, match="is compressed"):
        unpack(package, tmp_path / "out", nothing)


def test_entries_that_share_their_bytes_are_refused(tmp_path):
    data = archive_of(("film.yaml", bytes(5000), 0), ("b", bytes(5000), 0))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        first, second = (archive.getinfo(name) for name in ("film.yaml", "b"))
        start = data.index(b"PK\x01\x02")
    # Leave the second's data out, and point its directory entry at the first's.
    directory = bytearray(data[start:])
    place = directory.index(second.header_offset.to_bytes(4, "little"))
    directory[place : place + 4] = first.header_offset.to_bytes(4, "little")
    end = directory.rindex(b"PK\x05\x06")
    directory[end + 16 : end + 20] = second.header_offset.to_bytes(4, "little")
    package = tmp_path / "x.hallfilm"
    package.write_bytes(data[: second.header_offset] + bytes(directory))
    with pytest.raises(PackageError, match="lie over one another"):
        unpack(package, tmp_path / "out", nothing)


@pytest.mark.parametrize("manifest", ["", "[]", "{}", '{"files": 3}', '{"format": 2, "files": []}'])
def test_a_manifest_that_cannot_be_read_is_refused(tmp_path, manifest):
    package = tmp_path / "x.hallfilm"
    package.write_bytes(archive_of(PLAIN, manifest=manifest))
    with pytest.raises(PackageError):
        unpack(package, tmp_path / "out", nothing)


def test_no_byte_of_a_package_can_be_changed_unseen(film, tmp_path):
    package = tmp_path / "x.hallfilm"
    pack_film(film, package, nothing)
    data = bytearray(package.read_bytes())
    at = data.index(b"twotwo") + 1000
    data[at] ^= 1
    package.write_bytes(data)
    with pytest.raises(PackageError, match=r"clips/two.mkv"):
        open_package(package, tmp_path / "cache")
    assert not any((tmp_path / "cache" / "films").iterdir())


@given(cuts=st.lists(st.tuples(st.integers(0, 8000), st.integers(0, 255)), max_size=8), end=...)
def test_whatever_is_done_to_a_package_is_refused_or_harmless(
    tmp_path_factory, cuts: list[tuple[int, int]], end: bool
):
    folder = tmp_path_factory.mktemp("fuzz")
    data = bytearray(archive_of(PLAIN, ("clips/a.mkv", bytes(6000), 0)))
    for at, value in cuts:
        data[at % len(data)] = value
    package = folder / "x.hallfilm"
    package.write_bytes(data[: len(data) // 2] if end else data)
    try:
        manifest = unpack(package, folder / "out", nothing)
    except PackageError as error:
        assert str(folder) in str(error)  # noqa: PT017
        assert not (folder / "out").exists()
    else:
        for entry in manifest.files:
            content = (folder / "out" / entry.path).read_bytes()
            assert hashlib.sha256(content).hexdigest() == entry.sha256


@given(st.text(max_size=30))
def test_a_good_name_stays_in_its_folder(tmp_path_factory, name):
    if wrong_name(name) is None:
        folder = tmp_path_factory.getbasetemp()
        assert (folder / name).resolve().is_relative_to(folder)
