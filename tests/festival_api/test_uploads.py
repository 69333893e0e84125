"""Files of entries come in pieces, are verified, and go out again, to whom they may."""

from __future__ import annotations

import base64
import fcntl
import hashlib
import random
import resource
from datetime import timedelta
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from festival_api import entries, uploads
from festival_api.accounts import actor_of
from festival_api.entries import Draft
from festival_api.refusals import Refusal
from festival_api.store import tables as t

EDITION = "hkaiiff-2026"
TUS = {"Tus-Resumable": "1.0.0"}
CHUNK = {**TUS, "Content-Type": "application/offset+octet-stream"}
PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)


def metadata(**said: str) -> str:
    return ",".join(f"{k} {base64.b64encode(v.encode()).decode()}" for k, v in said.items())


def checksum(algorithm: str, data: bytes) -> dict[str, str]:
    digest = hashlib.new(algorithm, data).digest()
    return {"Upload-Checksum": f"{algorithm} {base64.b64encode(digest).decode()}"}


class Desk:
    """An entrant with a draft, and short words for what a client of the protocol sends."""

    def __init__(self, festival, people) -> None:
        self.festival, self.client = festival, people.entrant()
        with festival.database.write() as c:
            loaded = festival.loaded(EDITION)
            begun = entries.begin(c, loaded, self.client.account, Draft(), festival.clock())
        self.entry = begun.id

    def post(self, size, headers=None, **said):
        sent = {
            **TUS,
            "Upload-Length": str(size),
            "Upload-Metadata": metadata(**said),
            **(headers or {}),
        }
        return self.client.post(f"/api/entries/{self.entry}/files", headers=sent)

    def announce(self, size, **said) -> str:
        answer = self.post(size, **({"kind": "film", "name": "film.mp4"} | said))
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]

    def patch(self, file, offset, data, **headers):
        sent = {**CHUNK, "Upload-Offset": str(offset), **headers}
        return self.client.patch(f"/api/files/{file}", headers=sent, content=data)

    def head(self, file):
        return self.client.head(f"/api/files/{file}", headers=TUS)

    def upload(self, data, **said) -> str:
        file = self.announce(len(data), **said)
        answer = self.patch(file, 0, data)
        assert answer.status_code == 204, answer.text
        return file

    def listed(self):
        return self.client.get(f"/api/entries/{self.entry}/files").json()["items"]

    def path(self, file):
        return uploads.path_of(self.festival.files, file)

    def move(self, state) -> None:
        with self.festival.database.write() as c:
            c.execute(update(t.entries).where(t.entries.c.id == self.entry).values(state=state))


@pytest.fixture
def desk(festival, people) -> Desk:
    return Desk(festival, people)


def refused(answer, status: int, code: str) -> dict:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == code
    return answer.json()


# --- Bytes come in. ---


def test_a_file_comes_in_pieces_and_is_verified(desk, clock):
    data = random.Random(1).randbytes(3_000_000)
    answer = desk.post(len(data), kind="film", filename="未來 🎬.mp4", filetype="video/mp4")
    assert answer.status_code == 201
    location, file = answer.headers["location"], answer.json()["id"]
    assert location == f"/api/files/{file}"
    assert answer.headers["upload-expires"] == "Sat, 22 Nov 2025 04:00:00 GMT"
    assert desk.head(file).headers["upload-offset"] == "0"

    first = desk.patch(file, 0, data[:1_700_000])
    assert (first.status_code, first.headers["upload-offset"]) == (204, "1700000")
    asked = desk.head(file)
    assert asked.headers["upload-offset"] == "1700000"
    assert asked.headers["upload-length"] == "3000000"
    assert asked.headers["cache-control"] == "no-store"
    last = desk.patch(file, 1_700_000, data[1_700_000:])
    assert (last.status_code, last.headers["upload-offset"]) == (204, "3000000")
    assert "upload-expires" not in last.headers

    assert desk.path(file).read_bytes() == data
    assert desk.listed() == [
        {
            "id": file,
            "kind": "film",
            "name": "未來 🎬.mp4",
            "media_type": "video/mp4",
            "size": 3_000_000,
            "received": 3_000_000,
            "sha256": hashlib.sha256(data).hexdigest(),
            "state": "complete",
            "created_at": "2025-11-15T04:00:00Z",
            "expires_at": None,
            "completed_at": "2025-11-15T04:00:00Z",
        }
    ]
    assert desk.client.get(location).content == data
    whole = desk.head(file)
    assert whole.headers["upload-offset"] == whole.headers["content-length"] == "3000000"


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.binary(min_size=1, max_size=5000),
    st.lists(st.tuples(st.integers(0, 5000), st.booleans(), st.booleans()), max_size=5),
)
def test_however_it_is_cut_the_file_is_the_same(desk, data, cuts):
    file = desk.announce(len(data), kind="build", sha256=hashlib.sha256(data).hexdigest())
    at = 0
    for length, proven, again in [*cuts, (len(data), True, False)]:
        piece = data[at : at + length]
        if at == len(data):
            break
        proof = checksum("sha1", piece) if proven else {}
        assert desk.patch(file, at, piece, **proof).status_code == 204
        if again and piece and at + len(piece) < len(data):
            assert desk.patch(file, at, piece).status_code == 409
        at += len(piece)
        assert desk.head(file).headers["upload-offset"] == str(at)
    assert desk.path(file).read_bytes() == data
    assert [one["state"] for one in desk.listed()] == ["complete"]
    desk.client.delete(f"/api/files/{file}")


def test_the_same_bytes_twice_count_once(desk):
    file = desk.announce(10)
    assert desk.patch(file, 0, b"12345").status_code == 204
    problem = refused(desk.patch(file, 0, b"12345"), 409, "offset_mismatch")
    assert problem["offset"] == 5
    refused(desk.patch(file, 6, b"7890"), 409, "offset_mismatch")
    assert desk.patch(file, 5, b"67890").status_code == 204
    assert desk.path(file).read_bytes() == b"1234567890"
    refused(desk.patch(file, 10, b""), 409, "upload_finished")
    refused(desk.patch(file, 5, b"67890"), 409, "upload_finished")


def test_more_than_was_announced_is_not_taken(desk):
    file = desk.announce(10)
    desk.patch(file, 0, b"1234")
    refused(desk.patch(file, 4, b"567890X"), 413, "past_the_end")
    # Without a length the surplus shows only while it comes.
    refused(desk.patch(file, 4, iter([b"567", b"890X"])), 413, "past_the_end")
    assert desk.head(file).headers["upload-offset"] == "4"
    assert desk.path(file).read_bytes() == b"1234"


def test_bytes_with_a_checksum_are_kept_only_when_it_fits(desk):
    file = desk.announce(10)
    for at, algorithm in enumerate(("sha1", "sha256")):
        wrong = checksum(algorithm, b"x")
        refused(desk.patch(file, at, b"1", **wrong), 460, "checksum_mismatch")
        assert desk.head(file).headers["upload-offset"] == str(at)
        assert desk.patch(file, at, b"1", **checksum(algorithm, b"1")).status_code == 204
        assert desk.head(file).headers["upload-offset"] == str(at + 1)


def test_a_checksum_that_is_none_is_refused(desk):
    file = desk.announce(10)
    for said in ("crc32 AAAA", "sha1", "sha1 !!!", "sha1 AAAA", "sha1 Ä", "x" * 500):
        answer = desk.patch(file, 0, b"12345", **{"Upload-Checksum": said.encode("latin-1")})
        refused(answer, 400, "bad_checksum")
    assert desk.head(file).headers["upload-offset"] == "0"


def test_a_file_that_is_not_the_one_announced_is_damaged(desk):
    true, other = hashlib.sha256(b"mine").hexdigest(), hashlib.sha256(b"ours").hexdigest()
    file = desk.announce(4, sha256=true.upper())
    problem = refused(desk.patch(file, 0, b"ours"), 422, "hash_mismatch")
    assert (problem["declared"], problem["found"]) == (true, other)
    assert [one["state"] for one in desk.listed()] == ["damaged"]
    assert not desk.path(file).exists()
    assert desk.head(file).status_code == 404
    refused(desk.client.get(f"/api/files/{file}"), 404, "unknown_file")
    refused(desk.patch(file, 4, b""), 404, "unknown_file")
    assert desk.client.delete(f"/api/files/{file}").status_code == 204
    assert desk.listed() == []


DOCUMENTS = {
    PNG: "image/png",
    b"\xff\xd8\xff\xe0JFIF" + bytes(50): "image/jpeg",
    b"%PDF-1.7\n": "application/pdf",
    b"RIFF\x10\x00\x00\x00WEBPVP8 ": "image/webp",
}


def test_documents_are_known_by_their_content(desk):
    for kind in ("student_proof", "still", "poster"):
        for content, media_type in DOCUMENTS.items():
            file = desk.upload(content, kind=kind, name="scan.exe", media_type="video/mp4")
            answer = desk.client.get(f"/api/files/{file}")
            assert (answer.content, answer.headers["content-type"]) == (content, media_type)
            desk.client.delete(f"/api/files/{file}")


def test_what_only_says_that_it_is_a_document_is_refused(desk):
    for kind in ("student_proof", "still", "poster"):
        for content in (b"MZ\x90\x00", b"<svg/>", b"RIFF\x10\x00\x00\x00WAVEfmt ", b"%"):
            file = desk.announce(
                len(content), kind=kind, name="proof.pdf", media_type="application/pdf"
            )
            refused(desk.patch(file, 0, content), 422, "wrong_file_type")
            assert not desk.path(file).exists()
    assert {one["state"] for one in desk.listed()} == {"damaged"}


def test_two_do_not_write_one_file(desk):
    file = desk.announce(10)
    desk.patch(file, 0, b"12345")
    with desk.path(file).open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        answer = desk.patch(file, 5, b"67890")
        refused(answer, 423, "upload_locked")
        assert answer.headers["retry-after"] == "5"
    assert desk.patch(file, 5, b"67890").status_code == 204


def test_a_full_disk_loses_nothing(desk):
    data = random.Random(2).randbytes(4_000_000)
    file = desk.announce(len(data))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2_500_000, limits[1]))
    try:
        refused(desk.patch(file, 0, data), 507, "no_room")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    kept = int(desk.head(file).headers["upload-offset"])
    assert kept == 2_500_000
    assert desk.patch(file, kept, data[kept:]).status_code == 204
    assert desk.path(file).read_bytes() == data


def test_a_large_file_is_verified_afterwards(desk, clock):
    size = uploads.VERIFIED_AT_ONCE + 1
    file = desk.announce(size)
    desk.patch(file, 0, b"x")
    with desk.path(file).open("r+b") as opened:  # as if most of it had come already; it is a hole
        opened.truncate(size - 1)
    with desk.festival.database.write() as c:
        c.execute(update(t.files).where(t.files.c.id == file).values(received=size - 1))
    assert desk.patch(file, size - 1, b"x").status_code == 204
    assert desk.listed()[0]["state"] == "hashing"
    assert desk.head(file).headers["upload-offset"] == str(size)
    refused(desk.client.get(f"/api/files/{file}"), 409, "file_incomplete")

    clock.forward(minutes=2)
    assert uploads.verify_waiting(desk.festival.database, desk.festival.files, clock()) == 1
    (stored,) = desk.listed()
    assert (stored["state"], stored["completed_at"]) == ("complete", "2025-11-15T04:02:00Z")
    with desk.path(file).open("rb") as opened:
        assert stored["sha256"] == hashlib.file_digest(opened, "sha256").hexdigest()
    assert uploads.verify_waiting(desk.festival.database, desk.festival.files, clock()) == 0


def test_a_file_that_is_being_verified_is_left_to_who_does_it(desk, clock):
    file = desk.upload(b"film")
    with desk.festival.database.write() as c:
        c.execute(update(t.files).values(state="hashing"))
    with desk.path(file).open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        uploads.verify_waiting(desk.festival.database, desk.festival.files, clock())
        assert desk.listed()[0]["state"] == "hashing"
    uploads.verify_waiting(desk.festival.database, desk.festival.files, clock())
    assert desk.listed()[0]["state"] == "complete"


# --- What may be announced. ---


NOT_TO_BE_ANNOUNCED = [
    (0, {"kind": "film"}, 422, "empty_file"),
    (uploads.KINDS["film"].bytes + 1, {"kind": "film"}, 413, "too_large"),
    (uploads.KINDS["student_proof"].bytes + 1, {"kind": "student_proof"}, 413, "too_large"),
    (999_999_999_999_999, {"kind": "other"}, 413, "too_large"),
    (10, {"kind": "virus"}, 422, "unknown_file_kind"),
    (10, {"name": "film.mp4"}, 422, "unknown_file_kind"),
    (10, {"kind": "film", "sha256": "12"}, 400, "bad_checksum"),
    ("-1", {"kind": "film"}, 422, "invalid"),
    ("1e3", {"kind": "film"}, 422, "invalid"),
    ("1_000", {"kind": "film"}, 422, "invalid"),
    ("9" * 5000, {"kind": "film"}, 422, "invalid"),
]


def test_what_may_not_be_announced(desk):
    for size, said, status, code in NOT_TO_BE_ANNOUNCED:
        refused(desk.post(size, **said), status, code)
    assert desk.listed() == []


def test_metadata_must_be_base64_of_text(desk):
    for header in (
        "kind film!",
        "kind ZmlsbQ==,",
        "kind ZmlsbQ==,kind ZmlsbQ==",
        "kind ZmlsbQ==,name /w==",
        "kind ZmlsbQ==,name ÿ",
    ):
        answer = desk.post(10, headers={"Upload-Metadata": header.encode("latin-1")})
        refused(answer, 400, "bad_metadata")


def test_an_offset_must_be_a_number(desk):
    file = desk.announce(10)
    for offset in (None, "-1", "1.0", "x", "+0", "٣"):
        headers = {**CHUNK, **({"Upload-Offset": offset.encode()} if offset else {})}
        answer = desk.client.patch(f"/api/files/{file}", headers=headers, content=b"12345")
        refused(answer, 422, "invalid")
    assert desk.head(file).headers["upload-offset"] == "0"


def test_an_entry_has_so_many_files_of_a_kind(desk):
    files = [desk.announce(10, kind="film"), desk.upload(b"film", kind="film")]
    problem = refused(desk.post(10, kind="film"), 413, "too_many_files")
    assert problem["limit"] == len(files) == uploads.KINDS["film"].files
    assert desk.post(10, kind="trailer").status_code == 201
    desk.client.delete(f"/api/files/{files[0]}")
    assert desk.post(10, kind="film").status_code == 201


def test_what_the_disk_cannot_hold_is_refused_before_it_comes(desk, monkeypatch):
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=5000))
    refused(desk.post(5001, kind="film"), 507, "no_room")
    assert desk.post(5000, kind="film").status_code == 201


# --- Who may. ---


def test_a_file_is_its_owners(desk, people, visitor):
    file = desk.upload(b"film")
    incoming = desk.announce(10)
    strangers = [
        people.entrant(),
        people.office(),  # the entry is a draft still
        people.auditor(),
        people.juror("art"),
        people.admin(),
    ]
    for client in strangers:
        for answer in (
            client.get(f"/api/files/{file}"),
            client.patch(
                f"/api/files/{incoming}", headers={**CHUNK, "Upload-Offset": "0"}, content=b"x"
            ),
            client.delete(f"/api/files/{file}"),
        ):
            refused(answer, 404, "unknown_file")
        assert client.head(f"/api/files/{file}", headers=TUS).status_code == 404
        refused(client.get(f"/api/entries/{desk.entry}/files"), 404, "unknown_entry")
        headers = {**TUS, "Upload-Length": "1", "Upload-Metadata": metadata(kind="film")}
        answer = client.post(f"/api/entries/{desk.entry}/files", headers=headers)
        refused(answer, 404, "unknown_entry")
    refused(visitor.get(f"/api/files/{file}"), 401, "not_signed_in")
    refused(people.entrant(confirmed=False).get(f"/api/files/{file}"), 403, "not_confirmed")
    assert desk.client.get(f"/api/files/{file}").content == b"film"
    assert len(desk.listed()) == 2


def test_office_and_auditor_read_what_was_sent_in(festival, people):
    desk = Desk(festival, people)
    (desk.entry,) = people.works(1, state="draft", owner=desk.client.account)
    file = desk.upload(b"film")
    desk.move("submitted")
    for client in (people.office(), people.auditor()):
        assert client.get(f"/api/files/{file}").content == b"film"
        assert len(client.get(f"/api/entries/{desk.entry}/files").json()["items"]) == 1
        refused(client.delete(f"/api/files/{file}"), 404, "unknown_file")
    refused(people.juror("art").get(f"/api/files/{file}"), 404, "unknown_file")


def test_files_stand_still_once_the_entry_is_finalised(desk):
    file, other = desk.upload(b"film"), desk.announce(10)
    desk.move("finalised")
    refused(desk.post(10, kind="still"), 409, "entry_not_draft")
    refused(desk.patch(other, 0, b"12345"), 409, "entry_not_draft")
    refused(desk.client.delete(f"/api/files/{file}"), 409, "entry_not_draft")
    assert desk.client.get(f"/api/files/{file}").content == b"film"
    desk.move("draft")
    assert desk.patch(other, 0, b"12345").status_code == 204


def test_a_jury_gets_complete_files_under_plain_names(desk):
    film = desk.upload(b"film", name="by Chan Tai Man.mp4", media_type="video/mp4")
    other = desk.announce(10)
    with desk.festival.database.read() as c:
        assert uploads.open_file(c, film).plain_name == "film.mp4"
        with pytest.raises(Refusal) as caught:
            uploads.open_file(c, other)
    assert caught.value.kind is uploads.FILE_INCOMPLETE
    assert {"student_proof", "consent"} == uploads.PERSONAL


# --- The protocol. ---


def test_it_says_what_it_can_do(desk, visitor):
    answer = visitor.options(f"/api/entries/{desk.entry}/files")
    assert answer.status_code == 204
    assert answer.headers["tus-version"] == answer.headers["tus-resumable"] == "1.0.0"
    assert answer.headers["tus-extension"] == "creation,expiration,checksum,termination"
    assert answer.headers["tus-max-size"] == str(200 * 1024**3)
    assert answer.headers["tus-checksum-algorithm"] == "sha1,sha256"


def test_another_version_is_not_spoken(desk):
    file = desk.announce(10)
    for version in (None, "0.2.2", "1.0.1", ""):
        headers = {"Upload-Offset": "0", "Content-Type": CHUNK["Content-Type"]}
        if version is not None:
            headers["Tus-Resumable"] = version
        answer = desk.client.patch(f"/api/files/{file}", headers=headers, content=b"12345")
        refused(answer, 412, "tus_version")
        assert answer.headers["tus-version"] == answer.headers["tus-resumable"] == "1.0.0"
    assert desk.head(file).headers["upload-offset"] == "0"


def test_every_answer_names_the_version_and_bytes_name_their_type(desk):
    file = desk.announce(10)
    answers = [
        desk.head(file),
        desk.patch(file, 3, b"x"),
        desk.patch(file, -1, b"x"),
        desk.patch(file, 0, b"x"),
        desk.post(0, kind="film"),
        desk.client.get("/api/files/" + "0" * 32),
    ]
    assert [one.status_code for one in answers] == [200, 409, 422, 204, 422, 404]
    assert {one.headers["tus-resumable"] for one in answers} == {"1.0.0"}
    wrong = desk.patch(file, 1, b"x", **{"Content-Type": "application/json"})
    refused(wrong, 415, "chunk_type")


def test_a_list_has_pages(desk, clock):
    files = []
    for _ in range(5):
        files.append(desk.announce(10, kind="still"))
        clock.forward(seconds=1)
    seen, after = [], None
    while True:
        query = {"limit": 2} | ({"after": after} if after else {})
        page = desk.client.get(f"/api/entries/{desk.entry}/files", params=query).json()
        seen += [one["id"] for one in page["items"]]
        after = page["next"]
        if after is None:
            break
    assert seen == files


# --- Going, and coming back after a crash. ---


def test_a_deleted_file_leaves_a_row_without_a_name(desk):
    file = desk.upload(b"film", name="secret name.mp4")
    assert desk.client.delete(f"/api/files/{file}", headers=TUS).status_code == 204
    assert not desk.path(file).exists()
    refused(desk.client.delete(f"/api/files/{file}", headers=TUS), 404, "unknown_file")
    assert desk.head(file).status_code == 404
    with desk.festival.database.read() as c:
        row = c.execute(select(t.files).where(t.files.c.id == file)).one()
    assert (row.state, row.name, row.media_type) == ("deleted", "", "")
    assert row.sha256 == hashlib.sha256(b"film").hexdigest()


def test_all_files_of_an_entry_go_when_the_transaction_is_kept(desk, festival):
    files = {desk.upload(b"film"), desk.announce(10), desk.upload(PNG, kind="still")}
    with festival.database.write() as c:
        gone = uploads.delete_files_of(c, desk.entry)
    assert set(gone) == files
    uploads.remove_bytes(festival.files, gone)
    assert [path for path in festival.files.rglob("*") if path.is_file()] == []
    assert desk.listed() == []


def test_unfinished_uploads_expire_a_week_after_their_last_byte(desk, festival, clock):
    whole, idle, fed = desk.upload(b"film"), desk.announce(10), desk.announce(9, kind="build")
    broken = desk.announce(1, kind="still")
    refused(desk.patch(broken, 0, b"x"), 422, "wrong_file_type")
    clock.forward(days=4)
    desk.patch(fed, 0, b"1234")
    clock.forward(days=3)
    with festival.database.write() as c:
        gone = uploads.expire(c, clock())
    assert sorted(gone) == sorted([idle, broken])
    assert {one["id"] for one in desk.listed()} == {whole, fed}
    clock.forward(days=4)
    with festival.database.write() as c:
        gone = uploads.expire(c, clock() - timedelta(microseconds=1))
        assert gone == []
        assert uploads.expire(c, clock()) == [fed]
    assert desk.client.get(f"/api/files/{whole}").status_code == 200


def test_after_a_crash_table_and_disk_agree_again(desk, festival):
    longer, shorter, lost = (desk.announce(10, kind="build") for _ in range(3))
    for file in (longer, shorter, lost):
        desk.patch(file, 0, b"1234")
    same, torn, gone = (desk.upload(b"whole", kind="other") for _ in range(3))
    with desk.path(longer).open("ab") as opened:
        opened.write(b"????")  # written, never confirmed
    desk.path(shorter).write_bytes(b"12")
    desk.path(lost).unlink()
    desk.path(torn).write_bytes(b"who")
    with festival.database.write() as c:
        uploads.delete(c, gone, _actor(desk))
    stray = festival.files / "ab" / ("ab" + "0" * 30)
    stray.parent.mkdir(exist_ok=True)
    stray.write_bytes(b"from a newer table, perhaps")

    with festival.database.write() as c:
        found = uploads.reconcile(c, festival.files)
    assert set(found.moved) == {longer, shorter, lost}
    assert (found.damaged, found.removed, found.unknown) == ((torn,), (gone,), (stray.name,))
    assert stray.exists()
    assert not desk.path(gone).exists()
    assert desk.path(longer).read_bytes() == b"1234"
    listed = {one["id"]: (one["state"], one["received"]) for one in desk.listed()}
    assert listed == {
        longer: ("incoming", 4),
        shorter: ("incoming", 2),
        lost: ("incoming", 0),
        same: ("complete", 5),
        torn: ("damaged", 5),
    }
    for file, at in ((longer, 4), (shorter, 2), (lost, 0)):
        assert desk.patch(file, at, b"1234567890"[at:]).status_code == 204
        assert desk.path(file).read_bytes() == b"1234567890"
    with festival.database.write() as c:
        again = uploads.reconcile(c, festival.files)
    assert (again.moved, again.damaged) == ((), ())


def test_an_upload_goes_on_at_what_is_really_there(desk):
    file = desk.announce(10)
    desk.patch(file, 0, b"123456")
    desk.path(file).write_bytes(b"123")
    assert refused(desk.patch(file, 6, b"7890"), 409, "offset_mismatch")["offset"] == 3
    assert desk.head(file).headers["upload-offset"] == "3"
    assert desk.patch(file, 3, b"4567890").status_code == 204
    assert desk.path(file).read_bytes() == b"1234567890"


def _actor(desk):
    token = desk.client.headers["authorization"].removeprefix("Bearer ")
    with desk.festival.database.read() as c:
        return actor_of(c, token, desk.festival.clock())
