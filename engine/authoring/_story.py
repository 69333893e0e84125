"""A Twine story as a film: what its passages, links and tags become, and what is left out.

========================================  ======================================================
in the story                              in the film
========================================  ======================================================
a passage                                 a scene; its text is kept as comments
`[[text->target]]`, `[[target<-text]]`,   a branch, in the order of the text; a link without a
`[[text|target]]`, `[[target]]`           guard gets `chance(...)`, to be replaced
`[[...]] when GUARD`                      a branch with that guard
`-> target when GUARD` (a line)           the same, without a link that Twine shows
`[[...]] (default)`, `-> target default`  the default; without one, the first link without a guard
no link, or tag `ending`                  an ending
tag `lead-in`                             the lead-in
tag `clip:file.mkv`                       the clip; otherwise `clips/<name>.mkv`
tag `length:30s`                          the planned length; otherwise 24 s (64 s for a lead-in)
tag `photosensitive`                      the mark
tag `default`                             links to this passage are defaults
metadata "clip", "length"                 as the tags, where a name has spaces
metadata "when": {"target": "GUARD"}      the guard of the link to that passage
========================================  ======================================================

Macros, variables, scripts, styles and HTML are listed with passage and line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Final

from engine.authoring._links import LINK, Link, defaults_of, links_of, reached_from
from engine.authoring._twee import Passage, Story, read_story
from engine.authoring._writing import (
    Draft,
    DraftBranch,
    DraftScene,
    Imported,
    cleaned,
    finished,
    legal_names,
)
from narrative import SIGNALS, Guard, Names, in_file_order, parse_guard

__all__ = ["import_story"]

_FPS: Final = Fraction(24)
_LENGTH_S: Final = 24.0
_LEAD_IN_S: Final = 64.0
_LENGTH: Final = re.compile(r"([0-9]{1,5}(?:\.[0-9]{1,3})?)\s?(s|min)?", re.ASCII)
_FOREIGN: Final = (
    ("macro", re.compile(r"<<[^<>\n]{1,300}>>|\([A-Za-z][\w-]{0,30}:[^()\n]{0,300}\)?")),
    ("HTML", re.compile(r"<[A-Za-z][^<>\n]{0,300}>")),
    ("variable", re.compile(r"(?<![\w$])\$[A-Za-z_]\w{0,60}")),
    ("image", re.compile(r"\[img\b[^\n]{0,300}")),
)
"""What story formats write for their own engine: SugarCube, Harlowe, Chapbook."""


def import_story(text: str, file: str, name: str) -> Imported:
    """Make a film of a Twine story.

    Parameters
    ----------
    text : str
        The story: Twee 3, or HTML if the file's name says so.
    file : str
        Its file name, for places.
    name : str
        The film's file name, for places.

    Raises
    ------
    AuthoringError
        There is no story in it.
    """
    story = read_story(text, file)
    start = _start(story)
    links = {p.name: links_of(story, p) for p in story.passages.values()}
    reached = reached_from(start, links)
    for passage in story.passages.values():
        if passage.name not in reached:
            what = f'passage "{passage.name}" is not taken: no link leads to it'
            story.note(passage.line, what, "Link it, and import again.")
    taken = [p for p in story.passages.values() if p.name in reached]
    keys = dict(zip((p.name for p in taken), legal_names(p.name for p in taken), strict=True))
    defaults = defaults_of(story, links, reached)
    names = Names(scenes=tuple(keys.values()), variables={})
    read = [_Reader(story, p, keys, names).scene(links[p.name], defaults[p.name]) for p in taken]
    scenes = tuple(scene for scene, _ in read)
    guards = [guard for _, kept in read for guard in kept]
    measured = any(SIGNALS[signal].needs_baseline for guard in guards for signal in guard.signals)
    draft = Draft(
        title=story.title or file.rpartition(".")[0],
        fps=_FPS,
        start=keys[start],
        scenes=scenes,
        calibrated=measured and not any(scene.lead_in for scene in scenes),
        comments=(f"Made of {file}.",),
    )
    return finished(draft, in_file_order(story.notes), name)


def _start(story: Story) -> str:
    for name in (story.start, "Start"):
        if name in story.passages:
            return name
    first = next(iter(story.passages))
    line = story.passages[first].line
    what = f'the story does not say where it starts; "{first}" is taken'
    story.note(line, what, 'Write "start" in StoryData, or name the first passage Start.')
    return first


# scenes -----------------------------------------------------------------------


class _Reader:
    """Turns one passage into a scene."""

    def __init__(
        self, story: Story, passage: Passage, keys: Mapping[str, str], names: Names
    ) -> None:
        self._story = story
        self._passage = passage
        self._keys = keys
        self._names = names
        self._guards: list[Guard] = []

    def scene(
        self, links: Sequence[Link], default: Link | None
    ) -> tuple[DraftScene, tuple[Guard, ...]]:
        """Give the scene, and the guards it was given."""
        passage = self._passage
        key = self._keys[passage.name]
        self._note_foreign()
        marks = self._marks()
        lead_in = "lead-in" in passage.tags
        scene = DraftScene(
            name=key,
            title=passage.name,
            file=marks.get("clip") or f"clips/{key}.mkv",
            length_s=self._length_s(marks.get("length"), _LEAD_IN_S if lead_in else _LENGTH_S),
            lead_in=lead_in,
            ending=default is None,
            photosensitive="photosensitive" in passage.tags,
            branches=self._branches(links, default),
            default=self._keys[default.to] if default else None,
            comments=tuple(passage.text.split("\n")),
        )
        return scene, tuple(self._guards)

    def _branches(self, links: Sequence[Link], default: Link | None) -> tuple[DraftBranch, ...]:
        asked = [link for link in links if link is not default and self._asks(link, default)]
        guards = [self._guard(link) for link in asked]
        free = guards.count("")
        branches = []
        for link, guard in zip(asked, guards, strict=True):
            comment = cleaned(link.text) if link.text != link.to else ""
            when = guard
            if not guard:
                # Each of those left, and the default, as likely as the others.
                when = f"chance({1 / (free + 1):.9f}".rstrip("0") + ")"
                free -= 1
                comment = f"{comment}: a placeholder, say what the audience must do".lstrip(": ")
            branches.append(DraftBranch(when, self._keys[link.to], comment))
        return tuple(branches)

    @staticmethod
    def _asks(link: Link, default: Link | None) -> bool:
        """Tell whether a link is a branch: without a guard, to the default's scene, it is none."""
        return bool(link.guard) or default is None or link.to != default.to

    def _guard(self, link: Link) -> str:
        """Give a link's guard if it is one."""
        if not link.guard:
            what = f'in "{self._passage.name}" the link to "{link.to}" has no guard'
            remedy = (
                "A chance stands for it. Write what the audience must do: when engagement > 0.7 ..."
            )
            self._story.note(link.line, what, remedy)
            return ""
        text = cleaned(link.guard)
        guard, problems = parse_guard(text, self._names)
        if guard is None or problems:
            why = "; ".join(f"{problem.what}. {problem.remedy}" for problem in problems)
            what = f'in "{self._passage.name}" the guard "{text[:80]}" is not taken'
            self._story.note(link.line, what, f"{why} A chance stands for it.")
            return ""
        self._guards.append(guard)
        return text

    def _marks(self) -> dict[str, str]:
        """Read what tags and metadata say with a value, and list the tags that say nothing here."""
        marks = {}
        known = {"ending", "lead-in", "photosensitive", "default"}
        for tag in self._passage.tags:
            key, colon, value = tag.partition(":")
            if colon and key in ("clip", "length"):
                marks[key] = value
            elif tag not in known:
                what = f'tag "{tag}" of "{self._passage.name}" is not taken'
                self._story.note(self._passage.line, what, "It means nothing in a film.")
        for key in ("clip", "length"):
            said = self._passage.metadata.get(key)
            if isinstance(said, str):
                marks[key] = said
        return {key: kept for key, value in marks.items() if (kept := cleaned(value))}

    def _length_s(self, text: str | None, otherwise: float) -> float:
        if text is None:
            return otherwise
        found = _LENGTH.fullmatch(text)
        length_s = float(found[1]) * (60 if found[2] == "min" else 1) if found else 0.0
        if length_s > 0:
            return length_s
        what = f'length "{text}" of "{self._passage.name}" is not taken'
        self._story.note(self._passage.line, what, "Write length:24s.")
        return otherwise

    def _note_foreign(self) -> None:
        """List what the story's own engine would have done."""
        passage = self._passage
        for number, line in enumerate(passage.text.split("\n"), start=passage.first_line):
            rest = line
            for match in LINK.finditer(line):
                if match[2]:
                    self._foreign(number, "setter", f"[{match[2]}]")
            rest = LINK.sub(" ", rest)
            if "[[" in rest:
                self._foreign(number, "link", rest[rest.index("[[") :])
            for kind, pattern in _FOREIGN:
                for text in dict.fromkeys(pattern.findall(rest)):
                    self._foreign(number, kind, text)
                rest = pattern.sub(" ", rest)

    def _foreign(self, line: int, kind: str, text: str) -> None:
        what = f'{kind} {cleaned(text)[:80]} in "{self._passage.name}" is not taken'
        self._story.note(line, what, _INSTEAD[kind])


_INSTEAD: Final = {
    "macro": "Variables, set: and guards do such things in a film.",
    "HTML": "A clip shows what a page would.",
    "variable": "Films have variables: and set:.",
    "image": "A clip shows it.",
    "setter": "Write set: in the branch.",
    "link": "Write [[text->target]] on one line.",
}
