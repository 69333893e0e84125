"""Names are labels, cleaned on their way in and harmless on their way out."""

from __future__ import annotations

import base64
import unicodedata
from email.message import Message
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from festival_api import entries
from festival_api.entries import Draft
from festival_api.uploads import read_metadata

TUS = {"Tus-Resumable": "1.0.0"}
CONTENT = bytes(range(256)) * 4


def metadata(**said: str) -> str:
    return ",".join(f"{k} {base64.b64encode(v.encode()).decode()}" for k, v in said.items())


@given(st.text(max_size=400))
def test_a_cleaned_name_is_one_harmless_line(name):
    kept = read_metadata(metadata(kind="film", name=name), 1).name
    assert 1 <= len(kept) <= 200
    assert not set(kept) & set("/\\")
    assert kept not in {".", ".."}
    assert not kept.startswith(".")
    categories = {unicodedata.category(letter) for letter in kept if letter not in "\u200c\u200d"}
    assert not categories & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert read_metadata(metadata(kind="film", name=kept), 1).name == kept


NAMES = [
    ("film.mp4", "film.mp4"),
    ("未來之城 終版.mp4", "未來之城 終版.mp4"),
    ("🎬👩‍🎤 cut.mov", "🎬👩‍🎤 cut.mov"),
    ('the "last" cut.mp4', 'the "last" cut.mp4'),
    ("50 %; cut='a'.mp4", "50 %; cut='a'.mp4"),
    ("../../../etc/passwd", "passwd"),
    ("..\\..\\Windows\\win.ini", "win.ini"),
    ("/", "film"),
    ("..", "film"),
    ("", "film"),
    ("a\r\nSet-Cookie: x=1\n.mp4", "aSet-Cookie: x=1.mp4"),
    ("nul\0byte.mp4", "nulbyte.mp4"),
    ("gnp\u202egpj.exe", "gnpgpj.exe"),
    ("é.mp4", "é.mp4"),
    ("x" * 300 + ".mp4", "x" * 196 + ".mp4"),
]


@pytest.fixture
def entrant(festival, people):
    client = people.entrant()
    with festival.database.write() as c:
        loaded = festival.loaded("hkaiiff-2026")
        begun = entries.begin(c, loaded, client.account, Draft(), festival.clock())
    client.entry = begun.id
    return client


@pytest.fixture
def upload(entrant):
    def upload(data: bytes, **said: str) -> str:
        headers = {
            **TUS,
            "Upload-Length": str(len(data)),
            "Upload-Metadata": metadata(**({"kind": "film"} | said)),
        }
        file = entrant.post(f"/api/entries/{entrant.entry}/files", headers=headers).json()["id"]
        headers = {
            **TUS,
            "Upload-Offset": "0",
            "Content-Type": "application/offset+octet-stream",
        }
        answer = entrant.patch(f"/api/files/{file}", headers=headers, content=data)
        assert answer.status_code == 204
        return file

    return upload


def offered_name(disposition: str) -> str:
    header = Message()
    header["content-disposition"] = disposition
    assert header.get_content_disposition() == "attachment"
    starred = header.get_param("filename*", header="content-disposition")
    if isinstance(starred, str):
        charset, _, value = starred.partition("''")
        assert charset == "utf-8"
        return unquote(value)
    found = header.get_filename()
    assert found is not None
    return found


def test_a_file_is_offered_under_its_cleaned_name(festival, entrant, upload):
    for sent, offered in NAMES:
        file = upload(b"x", name=sent)
        answer = entrant.get(f"/api/files/{file}")
        assert offered_name(answer.headers["content-disposition"]) == offered
        assert answer.headers["content-disposition"].isascii()
        assert "set-cookie" not in answer.headers
        stored = [path for path in festival.files.rglob("*") if path.is_file()]
        assert stored == [festival.files / file[:2] / file]
        entrant.delete(f"/api/files/{file}")


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("video/mp4", "video/mp4"),
        ("VIDEO/MP4", "video/mp4"),
        ("application/vnd.unity", "application/vnd.unity"),
        ("text/html; charset=utf-8", "application/octet-stream"),
        ("video/mp4\r\nX: y", "application/octet-stream"),
        ("video", "application/octet-stream"),
        ("影片/片", "application/octet-stream"),
        ("", "application/octet-stream"),
    ],
)
def test_a_media_type_is_a_media_type(said, kept):
    assert read_metadata(metadata(kind="film", filetype=said), 1).media_type == kept


def test_nothing_is_opened_by_the_browser_or_told_of_its_date(entrant, upload):
    file = upload(b"<script>alert(1)</script>", name="page.html", media_type="text/html")
    headers = entrant.get(f"/api/files/{file}").headers
    assert headers["content-disposition"].startswith("attachment")
    assert headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in headers["content-security-policy"]
    assert "last-modified" not in headers
    assert headers["cache-control"].startswith("private")


def test_a_part_can_be_asked_for(entrant, upload):
    file = upload(CONTENT)
    for asked, first, last in (
        ("bytes=0-9", 0, 9),
        ("bytes=1000-", 1000, 1023),
        ("bytes=-24", 1000, 1023),
        ("bytes=-5000", 0, 1023),
        ("bytes=1000-99999", 1000, 1023),
    ):
        answer = entrant.get(f"/api/files/{file}", headers={"Range": asked})
        assert answer.status_code == 206
        assert answer.content == CONTENT[first : last + 1]
        assert answer.headers["content-range"] == f"bytes {first}-{last}/1024"


def test_a_range_that_makes_no_sense_is_no_range(entrant, upload):
    file = upload(CONTENT)
    endless = "9" * 5000
    for asked in ("bytes=9-0", "bytes=", "bytes=x-y", "s=0-9", "?", f"bytes={endless}-", "bytes=-"):
        answer = entrant.get(f"/api/files/{file}", headers={"Range": asked})
        assert (answer.status_code, answer.content) == (200, CONTENT)


def test_behind_the_end_there_is_nothing(entrant, upload):
    file = upload(CONTENT)
    answer = entrant.get(f"/api/files/{file}", headers={"Range": "bytes=1024-"})
    assert answer.status_code == 416
    assert answer.headers["content-range"] == "bytes */1024"


def test_what_is_known_is_not_sent_again(entrant, upload):
    file = upload(CONTENT)
    tag = entrant.get(f"/api/files/{file}").headers["etag"]
    again = entrant.get(f"/api/files/{file}", headers={"If-None-Match": f'"x", W/{tag}'})
    assert (again.status_code, again.content) == (304, b"")
    headers = {"Range": "bytes=0-3", "If-Range": '"another"'}
    assert entrant.get(f"/api/files/{file}", headers=headers).content == CONTENT
    headers = {"Range": "bytes=0-3", "If-Range": tag}
    assert entrant.get(f"/api/files/{file}", headers=headers).content == CONTENT[:4]
