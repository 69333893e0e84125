"""The links of a story: what they say, and which are taken without an audience."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Final

from engine.authoring._twee import Passage, Story

__all__ = ["LINK", "Link", "defaults_of", "links_of", "reached_from"]

LINK: Final = re.compile(r"\[\[([^\[\]\n]*)\](?:\[([^\[\]\n]*)\])?\]")
"""A link, and the setter that SugarCube allows in it."""


@dataclass(frozen=True, slots=True)
class Link:
    """A link as read: where it leads, on what condition, and its line in the file."""

    text: str
    to: str
    line: int
    guard: str = ""
    default: bool = False


def reached_from(start: str, links: Mapping[str, Sequence[Link]]) -> set[str]:
    found, frontier = {start}, [start]
    while frontier:
        new = {link.to for link in links[frontier.pop()]} - found
        found |= new
        frontier.extend(new)
    return found


# links ------------------------------------------------------------------------


def links_of(story: Story, passage: Passage) -> tuple[Link, ...]:
    """Read a passage's links, those to passages that there are."""
    marked = {name for name, other in story.passages.items() if "default" in other.tags}
    given = passage.metadata.get("when")
    guards = given if isinstance(given, dict) else {}
    links = []
    for number, line in enumerate(passage.text.split("\n"), start=passage.first_line):
        for link in _links_in(line, number, story.passages):
            if link.to not in story.passages:
                what = f'in "{passage.name}" a link to "{link.to}", which is no passage'
                story.note(number, what, "It is not taken. Write that passage, or correct it.")
                continue
            guard = link.guard or guards.get(link.to, "")
            default = link.default or link.to in marked
            guard = guard if isinstance(guard, str) else ""
            links.append(replace(link, guard=guard, default=default))
    if links and "ending" in passage.tags:
        what = f'"{passage.name}" is tagged ending and has links, which are not taken'
        story.note(passage.line, what, "Remove the tag, or the links.")
        return ()
    return tuple(links)


def _links_in(line: str, number: int, passages: Mapping[str, Passage]) -> Iterator[Link]:
    arrow = line.strip()
    if arrow.startswith("->"):
        to, _, guard = arrow[2:].partition(" when ")
        if not guard and to.rstrip().endswith(" default"):
            yield Link("", to.rstrip().removesuffix("default").strip(), number, default=True)
        else:
            yield Link("", to.strip(), number, guard.strip())
        return
    found = list(LINK.finditer(line))
    for match, following in zip_longest(found, found[1:]):
        text, to = _parts(match[1], passages)
        after = line[match.end() : following.start() if following else None].strip()
        guard = after.removeprefix("when ").strip() if after.startswith("when ") else ""
        yield Link(text, to, number, guard, after.strip("().,; ") == "default")


def _parts(inside: str, passages: Mapping[str, Passage]) -> tuple[str, str]:
    """Split a link into its text and its target."""
    if "->" in inside:
        text, _, to = inside.rpartition("->")
    elif "<-" in inside:
        to, _, text = inside.partition("<-")
    elif "|" in inside:
        text, _, to = inside.partition("|")
        if to.strip() not in passages and text.strip() in passages:
            text, to = to, text
    else:
        text = to = inside
    return text.strip(), to.strip()


# defaults ---------------------------------------------------------------------


def defaults_of(
    story: Story, links: Mapping[str, Sequence[Link]], reached: set[str]
) -> dict[str, Link | None]:
    """Choose the links taken without an audience, so that they lead to an ending if any can."""
    chosen = {name: _first_choice(links[name]) for name in links if name in reached}
    steps = _steps_to_an_ending(links, reached)
    good = {name for name, link in chosen.items() if link is None}
    for name in chosen:
        path: list[str] = []
        at = name
        while at not in good and at not in path:
            path.append(at)
            link = chosen[at]
            assert link is not None
            at = link.to
        if at not in good:
            for looping in path:
                chosen[looping] = _way_out(story, looping, chosen[looping], links[looping], steps)
        good.update(path)
    return chosen


def _first_choice(links: Sequence[Link]) -> Link | None:
    marked = [link for link in links if link.default]
    free = [link for link in links if not link.guard]
    return next(iter((*marked, *free, *links)), None)


def _way_out(
    story: Story,
    name: str,
    link: Link | None,
    links: Sequence[Link],
    steps: Mapping[str, int],
) -> Link | None:
    if link is None or link.default or name not in steps:
        return link
    nearest = min(links, key=lambda one: steps.get(one.to, len(steps)))
    if nearest.to != link.to:
        what = f'the default of "{name}" is "{nearest.to}", not its first link'
        story.note(nearest.line, what, "First links alone would go in a circle without end.")
    return nearest


def _steps_to_an_ending(links: Mapping[str, Sequence[Link]], reached: set[str]) -> dict[str, int]:
    before: dict[str, list[str]] = {name: [] for name in reached}
    for name in reached:
        for link in links[name]:
            before[link.to].append(name)
    steps = {name: 0 for name in sorted(reached) if not links[name]}
    frontier = deque(steps)
    while frontier:
        name = frontier.popleft()
        for earlier in before[name]:
            if earlier not in steps:
                steps[earlier] = steps[name] + 1
                frontier.append(earlier)
    return steps
