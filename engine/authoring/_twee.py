"""Stories as Twine writes them: Twee 3 text, and the HTML of a story or an archive.

Sources: Twee 3 Specification 3.0.2, Twine 2 HTML Output 1.0.2 and Twine 2 Archive 1.0.0
(Interactive Fiction Technology Foundation).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import zip_longest
from typing import Final

from engine.authoring._writing import AuthoringError
from narrative import Problem

__all__ = ["Passage", "Story", "read_story"]

_LARGEST: Final = 32 << 20
_MOST_PASSAGES: Final = 20_000
_SPECIAL: Final = frozenset(
    {
        *("PassageDone", "PassageFooter", "PassageHeader", "PassageReady", "StoryAuthor"),
        *("StoryBanner", "StoryCaption", "StoryDisplayTitle", "StoryIncludes", "StoryInit"),
        *("StoryInterface", "StoryMenu", "StorySettings", "StoryShare", "StorySubtitle"),
    }
)
_CODE_TAGS: Final = frozenset({"script", "stylesheet", "header", "footer", "startup", "widget"})


@dataclass(frozen=True, slots=True)
class Passage:
    """One passage of a story.

    Parameters
    ----------
    name : str
        As its author wrote it.
    tags : tuple of str
        In order.
    metadata : Mapping of str to object
        What stands in braces behind the name.
    text : str
        Its content.
    line, first_line : int
        Line of its head, and of its content's beginning, counted from 1.
    """

    name: str
    tags: tuple[str, ...]
    metadata: Mapping[str, object]
    text: str
    line: int
    first_line: int


@dataclass(slots=True)
class Story:
    """A story's passages in file order, without those that are no scenes.

    Parameters
    ----------
    file : str
        Name of the file, for places.
    title : str
        The story's.
    start : str
        Name of the first passage; empty where the story does not say.
    passages : dict of str to Passage
        By name.
    notes : list of Problem
        What was not taken.
    """

    file: str
    title: str = ""
    start: str = ""
    passages: dict[str, Passage] = field(default_factory=dict)
    notes: list[Problem] = field(default_factory=list)

    def note(self, line: int, what: str, remedy: str) -> None:
        """Note something that was not taken."""
        self.notes.append(Problem(f"{self.file}:{line}:1", what, remedy, "note"))


def read_story(text: str, file: str) -> Story:
    """Read a story.

    Parameters
    ----------
    text : str
        The file's content.
    file : str
        Its name; `.html` and `.htm` are Twine's own form, all else is Twee 3.

    Raises
    ------
    AuthoringError
        There is no story in it.
    """
    if len(text) > _LARGEST:
        raise AuthoringError(f"{file}:1:1: larger than 32 MB. Is it a story without its media?")
    story = Story(file)
    html = file.lower().endswith((".html", ".htm"))
    for passage in _of_html(story, text) if html else _of_twee(story, text):
        _take(story, passage)
    if not story.passages:
        form = "a story published or archived by Twine 2" if html else 'Twee 3, ":: Name" lines'
        raise AuthoringError(f"{file}:1:1: there are no passages in it. This reads {form}.")
    if len(story.passages) > _MOST_PASSAGES:
        raise AuthoringError(f"{file}:1:1: more than {_MOST_PASSAGES} passages. Split the story.")
    return story


def _take(story: Story, passage: Passage) -> None:
    """Enter a passage, or what it says of the story, or why it is left out."""
    if passage.name == "StoryTitle":
        story.title = passage.text.strip() or story.title
    elif passage.name == "StoryData":
        data = _json(passage.text)
        start = data.get("start") if isinstance(data, dict) else None
        story.start = start if isinstance(start, str) else story.start
        if not isinstance(data, dict):
            story.note(passage.line, "StoryData is no JSON", "Correct it, or name the start Start.")
    elif passage.name in _SPECIAL or _CODE_TAGS & set(passage.tags):
        kind = next((tag for tag in passage.tags if tag in _CODE_TAGS), passage.name)
        what = f'passage "{passage.name}" ({kind}) is not taken'
        story.note(passage.line, what, "A film has no scripts, styles or menus.")
    elif not passage.name:
        story.note(passage.line, "a passage without a name is not taken", "Name it.")
    elif passage.name in story.passages:
        first = story.passages[passage.name].line
        what = f'a second passage "{passage.name}" is not taken'
        story.note(passage.line, what, f"The first is in line {first}. Rename one.")
    else:
        story.passages[passage.name] = passage


# Twee 3 -----------------------------------------------------------------------


def _of_twee(story: Story, text: str) -> Iterable[Passage]:
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    heads = [number for number, line in enumerate(lines) if line.startswith("::")]
    if heads and any(line.strip() for line in lines[: heads[0]]):
        story.note(1, "text before the first passage is not taken", "Passages begin with ::.")
    for head, end in zip_longest(heads, heads[1:]):
        name, tags, metadata = _head(story, lines[head], head + 1)
        content = "\n".join(lines[head + 1 : end]).rstrip()
        yield Passage(name, tags, metadata, content, head + 1, head + 2)


def _head(story: Story, line: str, number: int) -> tuple[str, tuple[str, ...], dict[str, object]]:
    """Read `:: Name [tags] {metadata}`; a backslash takes the meaning from what follows it."""
    name, at = _until(line, 2, "[{")
    tags: tuple[str, ...] = ()
    if line[at : at + 1] == "[":
        inside, end = _until(line, at + 1, "]", keep=True)
        if end == len(line):
            story.note(number, "the tags are not closed with ]", "Write [tag tag].")
        tags = tuple(_until(tag, 0, "")[0] for tag in inside.split())
        at = end + 1
    rest = line[at:].strip()
    if not rest:
        return name.strip(), tags, {}
    metadata = _json(rest)
    if isinstance(metadata, dict):
        return name.strip(), tags, metadata
    story.note(number, f"what follows the name cannot be read: {rest[:60]}", "Write {} as JSON.")
    return name.strip(), tags, {}


def _until(text: str, at: int, stops: str, *, keep: bool = False) -> tuple[str, int]:
    """Read up to a stop that has no backslash before it; `keep` leaves the backslashes in."""
    taken = []
    while at < len(text) and text[at] not in stops:
        if text[at] == "\\" and at + 1 < len(text):
            taken += ["\\"] if keep else []
            at += 1
        taken.append(text[at])
        at += 1
    return "".join(taken), at


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


# Twine 2 HTML -----------------------------------------------------------------


def _of_html(story: Story, text: str) -> Iterable[Passage]:
    page = _Page(story)
    page.feed(text)
    page.close()
    return page.passages


class _Page(HTMLParser):
    """Reads the first story of a page."""

    def __init__(self, story: Story) -> None:
        super().__init__(convert_charrefs=True)
        self._story = story
        self._stories = 0
        self._start_pid: str | None = None
        self._head: dict[str, str] | None = None
        self._text: list[str] = []
        self._line = self._first_line = 1
        self.passages: list[Passage] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {key: value or "" for key, value in attrs}
        line = self.getpos()[0]
        if tag == "tw-storydata":
            self._begin(values, line)
        elif self._stories != 1:
            return
        elif tag == "tw-passagedata":
            self._end_passage()
            # The text begins where the tag ends, which may be some lines further down.
            self._line = line
            self._first_line = line + (self.get_starttag_text() or "").count("\n")
            self._head, self._text = values, []
        elif self._head is not None:
            self._text.append(self.get_starttag_text() or "")
        elif tag in ("script", "style"):
            what = f"the story's own {tag} is not taken"
            self._story.note(line, what, "A film has no scripts or styles.")

    def handle_endtag(self, tag: str) -> None:
        if tag == "tw-passagedata":
            self._end_passage()
        elif self._head is not None:
            self._text.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if self._head is not None:
            self._text.append(data)

    def close(self) -> None:
        super().close()
        self._end_passage()

    def _begin(self, values: Mapping[str, str], line: int) -> None:
        self._end_passage()
        self._stories += 1
        if self._stories == 1:
            self._story.title = values.get("name", "")
            self._start_pid = values.get("startnode")
        else:
            name = values.get("name", "")
            what = f'story "{name}" is not taken: an archive\'s first story is'
            self._story.note(line, what, "Export that story by itself.")

    def _end_passage(self) -> None:
        if self._head is None:
            return
        head, text = self._head, "".join(self._text)
        # A page's special passages have attributes or elements of their own: a name is a name.
        name = re.sub(r"\s+", " ", head.get("name", "")).strip()
        if name and head.get("pid") == self._start_pid:
            self._story.start = name
        self.passages.append(
            Passage(
                name, tuple(head.get("tags", "").split()), {}, text, self._line, self._first_line
            )
        )
        self._head = None
