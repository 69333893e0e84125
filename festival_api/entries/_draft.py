"""What an entrant fills in: any part may be missing until the end, none may be malformed."""

from __future__ import annotations

from typing import Annotated, Final, Literal, Self

from babel import Locale
from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, ConfigDict, Field, model_validator
from pydantic.config import JsonDict

from festival_api.ports import well_formed_link
from festival_api.speech import say
from festival_api.texts import Body, Flag, Id32, Line, Prose, Sha256

_COUNTRIES: Final = frozenset(
    code for code in map(str, Locale("en").territories) if len(code) == 2 and code.isalpha()
) - {"ZZ", "EU", "EZ", "UN", "QO", "XA", "XB"}


_SHORT: Final = 3000


def _mail_address(value: str) -> str:
    try:
        return validate_email(value, check_deliverability=False).normalized
    except EmailNotValidError as error:
        raise ValueError(say("is no e-mail address")) from error


def _country(value: str) -> str:
    if value not in _COUNTRIES:
        raise ValueError(say("is no country of ISO 3166-1, two capital letters"))
    return value


def _filled(value: str) -> str:
    if not value:
        raise ValueError(say("is empty"))
    return value


def _short(value: str) -> str:
    if len(value) > _SHORT:
        raise ValueError(say("is longer than 3,000 characters"))
    return value


Filled = Annotated[Line, AfterValidator(_filled), Field(json_schema_extra={"minLength": 1})]
"""One line of text that says something."""

Short = Annotated[Prose, AfterValidator(_short), Field(json_schema_extra={"maxLength": _SHORT})]
Link = Annotated[str, Field(max_length=2100), AfterValidator(well_formed_link)]
MailAddress = Annotated[str, Field(max_length=320), AfterValidator(_mail_address)]
Country = Annotated[str, Field(min_length=2, max_length=2), AfterValidator(_country)]
LanguageTag = Annotated[str, Field(max_length=35, pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]
Percent = Annotated[int, Field(strict=True, ge=0, le=100)]
Seconds = Annotated[int, Field(strict=True, ge=0, le=7 * 86_400)]
Year = Annotated[int, Field(strict=True, ge=2000, le=2100)]


class Title(Body):
    """The work's title; `original` where it is in a third language."""

    original: Line | None = None
    en: Line | None = Field(default=None, examples=["The Lamp That Waits"])
    zh_hant: Line | None = Field(default=None, alias="zh-Hant", examples=["守候的燈"])


class Paragraph(Body):
    """A short text for the public."""

    en: Short | None = None
    zh_hant: Short | None = Field(default=None, alias="zh-Hant")


class Maker(Body):
    """One who made the work, with what they did."""

    name: Filled
    role: Filled = Field(examples=["director"])


class Contact(Body):
    """Whom the festival writes to about the work."""

    name: Filled
    email: MailAddress
    phone: Line | None = None


class Tool(Body):
    """One AI tool."""

    name: Filled
    version: Filled
    maker: Filled
    used_for: tuple[
        Literal["picture", "sound", "voice", "music", "script", "edit", "interaction", "other"], ...
    ] = Field(min_length=1, max_length=8)
    share: Percent = Field(
        description=(
            "Percent of the finished work that was made with it, by the entrant's own estimate; "
            "shares may overlap."
        ),
        examples=[80],
    )


class Process(Body):
    """Prompts and process."""

    statement: Prose = ""
    excerpts: tuple[Short, ...] = Field(default=(), max_length=20)


class ThirdParty(Body):
    """Material of others in the work, and by which licence."""

    what: Filled
    licence: Filled


class Rights(Body):
    """What the entrant says about rights and training data."""

    held: Flag
    statement: Prose = ""
    third_party: tuple[ThirdParty, ...] = Field(default=(), max_length=100)


class Depicted(Body):
    """A real person whose likeness or voice is used; `document` is an upload with their consent."""

    name: Filled
    shown: Literal["likeness", "voice", "both"]
    consent: Flag
    document: Id32 | None = None


class Likeness(Body):
    """Real persons in the work, or the statement that there are none."""

    none_depicted: Flag
    persons: tuple[Depicted, ...] = Field(default=(), max_length=100)

    @model_validator(mode="after")
    def _one_or_the_other(self) -> Self:
        if self.none_depicted and self.persons:
            raise ValueError(say("says that nobody is depicted, and names somebody"))
        return self


class Provenance(Body):
    """Marks of origin in the files themselves."""

    c2pa_manifest: Flag
    note: Line = ""


class Declaration(Body):
    """The AI-native declaration; `human_role` says how a human conducts the system."""

    tools: tuple[Tool, ...] = Field(default=(), max_length=60)
    human_role: Prose = ""
    process: Process | None = None
    rights: Rights | None = None
    likeness: Likeness | None = None
    provenance: Provenance | None = None


class Evidence(Body):
    """How the work is played or run, and the address at which it begins."""

    instructions: Prose = ""
    entry_point: Link | None = None


class RunRecord(Body):
    """One run of a generative system; its recording is an upload or lies at a link."""

    run: Filled
    seed: Filled
    recording_sha256: Sha256
    file: Id32 | None = None
    link: Link | None = None


class WorkLink(Body):
    """A link under which the work can be seen; the password goes to the jury with it."""

    kind: Literal["film", "trailer", "build", "other"]
    url: Link
    password: Line | None = None


class Warnings(Body):
    """What an audience must know before."""

    flashing_light: Flag
    kinds: tuple[
        Literal["violence", "sexual_content", "strong_language", "drugs", "self_harm", "other"], ...
    ] = Field(default=(), max_length=6)
    note: Paragraph | None = None


class Accessibility(Body):
    """Subtitles by language, captions for the deaf, description for the blind."""

    subtitles: tuple[LanguageTag, ...] = Field(default=(), max_length=30)
    captions: Flag = False
    audio_description: Flag = False


_EXAMPLE: Final[JsonDict] = {
    "title": {"en": "The Lamp That Waits", "zh-Hant": "守候的燈"},
    "synopsis": {"en": "A lamp waits for a ship.", "zh-Hant": "一盞燈守候一艘船。"},
    "category": "generative_linear",
    "runtime_seconds": 5400,
    "languages": ["yue"],
    "countries": ["HK"],
    "year": 2025,
    "premiere": "world",
    "makers": [{"name": "Chan Tai Man", "role": "director"}],
    "contact": {"name": "Chan Tai Man", "email": "chan@example.org"},
    "declaration": {
        "tools": [
            {
                "name": "Painter",
                "version": "3",
                "maker": "Brush Works",
                "used_for": ["picture"],
                "share": 80,
            }
        ],
        "human_role": "I chose every image, and cut them.",
        "process": {"statement": "A storyboard, then prompts scene by scene."},
        "rights": {"held": True, "statement": "All rights are mine."},
        "likeness": {"none_depicted": True},
    },
    "links": [{"kind": "film", "url": "https://films.example.org/lamp"}],
    "warnings": {"flashing_light": False},
}


class Draft(Body):
    """An entry as far as it is filled in; each member is one section, changed as a whole."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    title: Title | None = None
    synopsis: Paragraph | None = None
    category: Line | None = Field(
        default=None, description="Of the edition.", examples=["generative_linear"]
    )
    runtime_seconds: Seconds | None = Field(
        default=None, description="Of linear works.", examples=[5400]
    )
    languages: tuple[LanguageTag, ...] | None = Field(
        default=None,
        max_length=20,
        description="Spoken or shown; zxx for none.",
        examples=[["yue", "en"]],
    )
    countries: tuple[Country, ...] | None = Field(
        default=None, max_length=20, description="Of production, ISO 3166-1.", examples=[["HK"]]
    )
    year: Year | None = Field(
        default=None, description="In which the work was finished.", examples=[2025]
    )
    premiere: Literal["world", "international", "asian", "hong_kong", "none"] | None = None
    makers: tuple[Maker, ...] | None = Field(default=None, max_length=60)
    contact: Contact | None = None
    company: Line | None = None
    declaration: Declaration | None = None
    evidence: Evidence | None = None
    runs: tuple[RunRecord, ...] | None = Field(default=None, max_length=20)
    links: tuple[WorkLink, ...] | None = Field(default=None, max_length=8)
    student: Flag | None = Field(
        default=None, description="Whether the student's fee is asked for.", examples=[False]
    )
    warnings: Warnings | None = None
    accessibility: Accessibility | None = None

    def with_(self, change: Draft) -> Draft:
        """Return this draft with the sections of `change`; a section given as null goes."""
        given = {name: getattr(change, name) for name in change.model_fields_set}
        return self.model_copy(update=given)

    def plain(self) -> dict[str, object]:
        """Return what is filled in, as plain JSON values."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)
