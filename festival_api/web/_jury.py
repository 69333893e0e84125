"""The jury at work: each juror's desk, the works on it, verdicts and reviews."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from festival_api import entries, jury, uploads
from festival_api.accounts import NOT_ALLOWED
from festival_api.texts import Body, Id32, Line
from festival_api.web._asking import Serving, SignedIn
from festival_api.web._download import CONTENT, download
from festival_api.web._festival import UNKNOWN_EDITION
from festival_api.web._openapi import refusing

router = APIRouter(tags=["jury"])

_STAGES = {"verdict": 1, "review": 2}
Opinion = Literal["verdict", "review"]

_READING = (UNKNOWN_EDITION, NOT_ALLOWED, jury.UNKNOWN_WORK)
_WRITING = (
    *_READING,
    jury.UNKNOWN_JUROR,
    jury.FACTION_NOT_IN_STAGE,
    jury.STAGE_NOT_OPEN,
    jury.STOPPED,
)


class JuryList(BaseModel):
    """Who sits on the jury, by faction and name."""

    items: tuple[jury.JuryMember, ...]
    next: None = Field(default=None, description="There is no further page.")


class OpinionList(BaseModel):
    """What was submitted on a work, by pseudonym."""

    items: tuple[jury.DisclosedOpinion, ...]
    next: None = Field(default=None, description="There is no further page.")


class RelationList(BaseModel):
    """What one is bound to, in the order in which it was told."""

    items: tuple[jury.RelationView, ...]
    next: None = Field(default=None, description="There is no further page.")


class Abstention(Body):
    """Why a juror does not judge a work."""

    reason: Line = Field(examples=["I do not understand its language."])


@router.get(
    "/editions/{edition}/jury", summary="Who sits on the jury", responses=refusing(UNKNOWN_EDITION)
)
def list_members(edition: str, festival: Serving) -> JuryList:
    """List the jurors, so that entrants can name those who must not judge their entries."""
    festival.loaded(edition)
    with festival.database.read() as c:
        return JuryList(items=tuple(jury.members(c, edition)))


@router.get(
    "/editions/{edition}/jury/relations",
    summary="Whom and what one is bound to",
    responses=refusing(UNKNOWN_EDITION, NOT_ALLOWED),
)
def list_relations(edition: str, festival: Serving, actor: SignedIn) -> RelationList:
    """List the persons, companies and domains that one has named."""
    festival.loaded(edition)
    actor.require(edition, "juror")
    with festival.database.read() as c:
        return RelationList(items=tuple(jury.relations_of(c, edition, actor.account)))


@router.post(
    "/editions/{edition}/jury/relations",
    status_code=201,
    summary="Name whom or what one is bound to",
    responses=refusing(UNKNOWN_EDITION, NOT_ALLOWED),
)
def name_relation(
    edition: str, body: jury.NewRelation, festival: Serving, actor: SignedIn
) -> jury.RelationView:
    """Name a person, a company or a domain whose works one must not judge, before one sees any.

    What is named stays named: a mistake is put right by the office, who can lift the conflict of
    interest that follows from it.
    """
    festival.loaded(edition)
    actor.require(edition, "juror")
    with festival.database.write() as c:
        return jury.declare_relation(c, edition, actor.account, body, festival.clock())


@router.get(
    "/editions/{edition}/jury/desk",
    summary="One's own desk",
    responses=refusing(UNKNOWN_EDITION, NOT_ALLOWED),
)
def read_desk(edition: str, festival: Serving, actor: SignedIn) -> jury.Desk:
    """List the works that one judges, in an order of one's own, and how far one is with each."""
    loaded = festival.loaded(edition)
    actor.require(edition, "juror")
    with festival.database.read() as c:
        return jury.desk(c, loaded.edition, actor.account)


@router.get(
    "/editions/{edition}/jury/works/{entry}",
    summary="A work on one's desk",
    responses=refusing(*_READING, jury.UNKNOWN_STAGE),
)
def read_work(
    edition: str,
    entry: Id32,
    festival: Serving,
    actor: SignedIn,
    stage: Annotated[
        int | None, Query(description="As it is in this stage; without it, in the last one.")
    ] = None,
) -> jury.WorkView:
    """Read a work and one's own opinion of it.

    Where the jury is blind, names of those who made it are blacked out in its texts. Films and
    links are outside that: what they show, they show.
    """
    loaded = festival.loaded(edition)
    actor.require(edition, "juror")
    with festival.database.read() as c:
        return jury.work_on_desk(c, loaded.edition, (actor.account, entry), stage)


@router.get(
    "/editions/{edition}/jury/works/{entry}/links/{number}",
    summary="Where a link of a work leads",
    responses=refusing(*_READING, jury.UNKNOWN_PART),
)
def read_link(
    edition: str, entry: Id32, number: int, festival: Serving, actor: SignedIn
) -> jury.LinkAddress:
    """Read a link's address and password. It may tell who made the work."""
    loaded = festival.loaded(edition)
    actor.require(edition, "juror")
    with festival.database.read() as c:
        return jury.link_on_desk(c, loaded.edition, (actor.account, entry), number)


@router.get(
    "/editions/{edition}/jury/works/{entry}/files/{file}",
    summary="Take a file of a work",
    response_class=Response,
    responses={**CONTENT, **refusing(*_READING, jury.UNKNOWN_PART, uploads.UNKNOWN_FILE)},
)
def take_file(
    edition: str, entry: Id32, file: Id32, request: Request, festival: Serving, actor: SignedIn
) -> Response:
    """Take a file, whole or in part, under a name that says only what kind it is."""
    loaded = festival.loaded(edition)
    actor.require(edition, "juror")
    with festival.database.read() as c:
        jury.require_file_on_desk(c, loaded.edition, (actor.account, entry), file)
        stored = uploads.open_file(c, file)
    return download(request, festival.files, stored, stored.plain_name)


@router.put(
    "/editions/{edition}/jury/works/{entry}/verdict",
    summary="Write a verdict",
    responses=refusing(*_WRITING, jury.CHECKS_INVALID, jury.REASON_REQUIRED),
)
def write_verdict(
    edition: str, entry: Id32, body: jury.Verdict, festival: Serving, actor: SignedIn
) -> jury.OpinionView:
    """Keep a verdict of stage 1 as a draft; it counts once it is submitted.

    After that a further verdict needs a reason, and the earlier one counts until the further one is
    submitted.
    """
    loaded = festival.loaded(edition)
    actor.require(edition, "juror")
    with festival.database.write() as c:
        pair = (actor.account, entry)
        return jury.save_verdict(c, loaded.edition, pair, body, festival.clock())


@router.put(
    "/editions/{edition}/jury/works/{entry}/review",
    summary="Write a review",
    responses=refusing(
        *_WRITING,
        jury.SCORE_INVALID,
        jury.UNKNOWN_DIMENSION,
        entries.RUN_EVIDENCE_REQUIRED,
        jury.REASON_REQUIRED,
    ),
)
def write_review(
    edition: str, entry: Id32, body: jury.Review, festival: Serving, actor: SignedIn
) -> jury.OpinionView:
    """Keep a review of stage 2 as a draft; it counts once it is submitted.

    Scores are whole numbers on the edition's scale, one for every dimension of its matrix. A
    generative system is another work on each run, so that its review names the run it is about.
    """
    loaded = festival.loaded(edition)
    actor.require(edition, "juror")
    with festival.database.write() as c:
        pair = (actor.account, entry)
        return jury.save_review(c, loaded.edition, pair, body, festival.clock())


@router.post(
    "/editions/{edition}/jury/works/{entry}/{opinion}/submit",
    summary="Submit a verdict or a review",
    responses=refusing(*_WRITING, jury.NOTHING_TO_SUBMIT),
)
def submit(
    edition: str, entry: Id32, opinion: Opinion, festival: Serving, actor: SignedIn
) -> jury.OpinionView:
    """Submit what was written; from now on it counts."""
    loaded = festival.loaded(edition)
    actor.require(edition, "juror")
    with festival.database.write() as c:
        pair = (actor.account, entry)
        return jury.submit(c, loaded.edition, _STAGES[opinion], pair, festival.clock())


@router.post(
    "/editions/{edition}/jury/works/{entry}/{opinion}/abstain",
    status_code=204,
    summary="Abstain from judging a work",
    responses=refusing(*_WRITING, jury.REASON_REQUIRED, jury.OPINION_SUBMITTED),
)
def abstain(
    edition: str,
    entry: Id32,
    opinion: Opinion,
    body: Abstention,
    festival: Serving,
    actor: SignedIn,
) -> None:
    """Give a work back without an opinion; the office finds another juror."""
    loaded = festival.loaded(edition)
    actor.require(edition, "juror")
    with festival.database.write() as c:
        pair = (actor.account, entry)
        stage = _STAGES[opinion]
        jury.abstain(c, loaded.edition, stage, pair, body.reason, festival.clock())


@router.post(
    "/editions/{edition}/jury/works/{entry}/conflicts",
    status_code=201,
    summary="Declare one's own conflict of interest",
    responses=refusing(*_READING),
)
def declare_own(
    edition: str, entry: Id32, body: jury.NewConflict, festival: Serving, actor: SignedIn
) -> jury.ConflictView:
    """Say that one must not judge a work: it leaves the desk, and one's opinion of it is void."""
    festival.loaded(edition)
    actor.require(edition, "juror")
    with festival.database.write() as c:
        pair = (actor.account, entry)
        return jury.declare_own(c, edition, pair, body, festival.clock())


@router.get(
    "/editions/{edition}/stages/{stage}/works/{entry}/opinions",
    summary="What was submitted on a work",
    responses=refusing(UNKNOWN_EDITION, jury.UNKNOWN_STAGE, jury.UNKNOWN_WORK, jury.SEALED),
)
def list_opinions(
    edition: str, stage: int, entry: Id32, festival: Serving, actor: SignedIn
) -> OpinionList:
    """Read opinions under their jurors' pseudonyms.

    Auditors may at any time; the office once the stage is closed; jurors of the work once its
    results are published and it is judged no further.
    """
    loaded = festival.loaded(edition)
    actor.require_confirmed()
    with festival.database.read() as c:
        return OpinionList(items=jury.opinions_on(c, loaded.edition, actor, stage, entry))
