"""Pages for people; scripts in them ask the interface, with the session that the browser keeps."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse

from festival_api import jury
from festival_api.accounts import SHORTEST
from festival_api.editions import Edition
from festival_api.refusals import Refusal
from festival_api.speech import LANGUAGES, Language
from festival_api.texts import Id32
from festival_api.web import pages
from festival_api.web._asking import COOKIE, Asked, Serving
from festival_api.web._festival import Festival
from festival_api.web._problems import NOT_FOUND

LANGUAGE_COOKIE = "hall_language"

_YEAR_S = 365 * 86_400
_HEADERS = {"Content-Security-Policy": pages.POLICY, "Vary": "Accept-Language, Cookie"}

router = APIRouter(include_in_schema=False)


class Page:
    """Writes a page in the language of who asks; what was chosen on a page is remembered."""

    def __init__(
        self,
        request: Request,
        festival: Serving,
        accepted: Asked,
        lang: str = "",
        edition: str = "",
    ) -> None:
        kept = request.cookies.get(LANGUAGE_COOKIE, "")
        asked = [one for one in (lang, kept) if one in LANGUAGES]
        self._request, self._festival = request, festival
        self._chosen = lang in LANGUAGES
        self.language: Language = _LANGUAGE[asked[0]] if asked else accepted
        self.edition = festival.edition(edition) if edition else _current(festival)

    def write(self, template: str, **values: object) -> HTMLResponse:
        """Write a page of a template."""
        text = pages.render(
            f"{template}.html",
            self.language,
            page=template,
            edition=self.edition,
            shortest=SHORTEST,
            spoken=pages.spoken(self.edition, self.language),
            signed_in=COOKIE in self._request.cookies,
            others=[(one, self._address(lang=one)) for one in LANGUAGES if one != self.language],
            **values,
        )
        answer = HTMLResponse(text, headers={**_HEADERS, "Content-Language": self.language})
        if self._chosen:
            answer.set_cookie(
                LANGUAGE_COOKIE,
                self.language,
                max_age=_YEAR_S,
                secure=self._festival.address.startswith("https:"),
                httponly=True,
                samesite="lax",
            )
        return answer

    def _address(self, **changed: str) -> str:
        return "?" + urlencode({**self._request.query_params, **changed})


_LANGUAGE: dict[str, Language] = {one: one for one in LANGUAGES}

Paging = Annotated[Page, Depends(Page)]


@router.get("/")
def front(page: Paging, festival: Serving) -> HTMLResponse:
    """What the festival is, what entries cost, what is published, when everything is."""
    told = pages.front(page.edition, page.language, festival.clock())
    return page.write(
        "front",
        front=told,
        published=pages.published(_results(page.edition, festival), page.edition, page.language),
        editions=[
            loaded.edition
            for loaded in festival.editions.values()
            if loaded.edition != page.edition
        ],
    )


@router.get("/sign-up")
def sign_up(page: Paging) -> HTMLResponse:
    """Open an account."""
    return page.write("sign-up")


@router.get("/sign-in")
def sign_in(page: Paging) -> HTMLResponse:
    """Begin a session."""
    return page.write("sign-in")


@router.get("/confirm")
def confirm(page: Paging) -> HTMLResponse:
    """Confirm an address; the letter's code stands behind the #, where no server sees it."""
    return page.write("confirm")


@router.get("/reset")
def reset(page: Paging) -> HTMLResponse:
    """Ask for a new password, or choose it with the letter's code."""
    return page.write("reset")


@router.get("/email")
def email(page: Paging) -> HTMLResponse:
    """Confirm a new address."""
    return page.write("email")


@router.get("/me")
def me(page: Paging) -> HTMLResponse:
    """One's own entries and account."""
    return page.write("me")


@router.get("/entries/new")
def new_entry(page: Paging) -> HTMLResponse:
    """Begin an entry."""
    return page.write("new")


@router.get("/entries/{entry}")
def entry(entry: Id32, page: Paging) -> HTMLResponse:
    """An entry of one's own, from the first title to the result."""
    return page.write("entry", entry=entry, countries=pages.countries(page.language))


@router.get("/desk")
def desk(page: Paging) -> HTMLResponse:
    """A juror's works."""
    return page.write("desk")


@router.get("/desk/{entry}")
def work(entry: Id32, page: Paging) -> HTMLResponse:
    """A work as a juror sees it, and the juror's opinion of it."""
    return page.write("work", entry=entry)


@router.get("/committee")
def committee(page: Paging) -> HTMLResponse:
    """The core committee's finalists and ballots."""
    return page.write("committee")


@router.get("/office")
def office(page: Paging) -> HTMLResponse:
    """The office's entries and stages."""
    return page.write("office")


@router.get("/office/jurors")
def jurors(page: Paging) -> HTMLResponse:
    """Seats on the jury, and conflicts of interest."""
    return page.write("jurors")


@router.get("/office/committee")
def hearings(page: Paging) -> HTMLResponse:
    """Viewings, defences, and counting the committee's ballots."""
    return page.write("hearings")


@router.get("/office/payments")
def payments(page: Paging) -> HTMLResponse:
    """Payments, and giving money back."""
    return page.write("payments")


@router.get("/office/import")
def imports(page: Paging) -> HTMLResponse:
    """Bring submissions over from FilmFreeway."""
    return page.write("import")


@router.get("/office/roles")
def roles(page: Paging) -> HTMLResponse:
    """Who runs the edition and who audits it; for administrators."""
    return page.write("roles")


@router.get("/static/{name}")
def static(name: str, request: Request) -> Response:
    """Scripts, styles and pictures of the pages."""
    found = pages.static_files().get(name)
    if found is None:
        raise NOT_FOUND()
    headers = {"ETag": found.tag, "Cache-Control": "no-cache"}
    if found.tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(found.content, headers=headers, media_type=found.media_type)


def _results(edition: Edition, festival: Festival) -> jury.Results:
    with festival.database.read() as c:
        try:
            return jury.results(c, edition)
        except Refusal:
            # Nothing is published from records that cannot be read; the page is there all the same.
            return jury.Results(items=())


def _current(festival: Festival) -> Edition:
    editions = [loaded.edition for loaded in festival.editions.values()]
    return pages.current(editions, festival.clock())
