"""A generated film of the size and shape of the largest interactive film that is known.

Figures of its published segment map: 250 segments of 5 to 317 s (median 49 s), 1,326 ways on, 170
choices that close exactly on the cut, 39 story endings, 62 flags in 241 conditions, and one loop
that 238 segments are part of. A story ending of that film lets the audience go back; here its
default leads to credits of its own, so that 250 segments and 39 credits make 289 scenes.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

SEGMENTS: Final = 250
IN_LOOP: Final = 238
ENDINGS: Final = 39
EDGES: Final = 1_300
FLAGS: Final = 62
CHOICES: Final = 170

_NOTICE_S: Final = 1.0
_WINDOWS_S: Final = (17.7,) * 5 + (31.6, 55.3)
_MOST_VARIANTS: Final = 31
_SPOKEN: Final = (
    "engagement > 0.{d} and engagement.t > 3 for 5 s",
    "synchrony > {n} for 5 s",
    "engagement < -0.{d} and engagement.t < -3 for 5 s",
    "forehead_theta_alpha > 0.{d} and forehead_theta_alpha.t > 3 for {n} s",
)


@dataclass(slots=True)
class _Segment:
    name: str
    length_s: float
    default: str = ""
    branches: list[str] = field(default_factory=list)
    window_s: float = 0.0
    sets: str = ""
    ending: bool = False
    lead_in: bool = False


def large_film(seed: int = 1) -> str:
    """Write a film of 250 segments in the format of film files.

    Parameters
    ----------
    seed : int
        Films of other seeds have other ways, flags and lengths, and the same counts.

    Returns
    -------
    str
        YAML: 289 scenes, 1,300 branches and defaults, 39 endings, 62 flags; one loop of 238
        scenes. Its clips do not exist.
    """
    draw = random.Random(seed)
    before = [_Segment("lead_in", 64.0, lead_in=True)]
    before += [_Segment(f"opening_{i}", _length(draw)) for i in range(1, SEGMENTS - IN_LOOP)]
    loop = [_Segment(f"s{i}", _length(draw)) for i in range(1, IN_LOOP + 1)]
    story_ends = _story_ends(draw)
    credits_ = [_Segment(f"credits_{i}", 20.0, ending=True) for i in range(1, ENDINGS + 1)]
    _defaults(draw, [*before, *loop], story_ends, credits_)
    _choices(draw, before, loop, story_ends)
    _impressions(draw, loop)
    left = EDGES - sum(len(s.branches) + bool(s.default) for s in [*before, *loop])
    _variants(draw, loop, left)
    return _written([*before, *loop, *credits_])


def _length(draw: random.Random) -> float:
    """Give a segment's length: median 49 s, 5 to 317 s, on the frame grid of 25 a second."""
    return round(25 * min(max(draw.lognormvariate(3.89, 0.85), 5.2), 317.0)) / 25


def _story_ends(draw: random.Random) -> list[int]:
    """Choose which of the loop's segments end a story: the last, and others after the first 20."""
    return sorted([*draw.sample(range(20, IN_LOOP - 1), ENDINGS - 1), IN_LOOP - 1])


def _defaults(
    draw: random.Random, chain: list[_Segment], story_ends: list[int], credits_: list[_Segment]
) -> None:
    """Let defaults lead onwards, and story ends to their credits."""
    for here, following in pairwise(chain):
        here.default = following.name
    first = SEGMENTS - IN_LOOP
    for place, end in zip(story_ends, credits_, strict=True):
        chain[first + place].default = end.name
    for place in range(IN_LOOP - 1):
        # Some defaults skip a few segments, which choices and conditions lead to.
        if place not in story_ends and draw.random() < 0.3:
            ahead = min(place + draw.randint(2, 6), IN_LOOP - 1)
            chain[first + place].default = chain[first + ahead].name


def _choices(
    draw: random.Random, before: list[_Segment], loop: list[_Segment], story_ends: list[int]
) -> None:
    """Add the audience's choices; story ends lead back, so that the loop is one."""
    for place in story_ends:
        back = loop[draw.randrange(0, place)].name
        _ask(draw, loop[place], back)
        loop[place].branches.append(_branch("elapsed < 30 min", loop[0].name))
    asked = [place for place in range(IN_LOOP - 1) if place not in story_ends]
    reached = {segment.default for segment in [*before, *loop]}
    # What no default leads to, the segment before it leads to; then any, up to their number.
    needed = [place for place in asked if loop[place + 1].name not in reached]
    needed += [
        place for place in story_ends if place < IN_LOOP - 1 and loop[place + 1].name not in reached
    ]
    others = [place for place in asked if place not in needed]
    draw.shuffle(others)
    for place in needed:
        _ask(draw, loop[place], loop[place + 1].name)
    for place in others:
        if sum(bool(s.window_s) for s in loop) >= CHOICES:
            break
        _ask(draw, loop[place], loop[draw.randint(max(0, place - 9), IN_LOOP - 1)].name)


def _ask(draw: random.Random, here: _Segment, to: str) -> None:
    """Add a choice; its window ends with the segment, minus the player's notice."""
    window_s = draw.choice(_WINDOWS_S)
    here.length_s = max(here.length_s, 24.0)
    here.window_s = min(window_s, here.length_s - 2.0 - _NOTICE_S)
    spoken = draw.choice(_SPOKEN).format(d=draw.randint(4, 9), n=draw.randint(2, 5))
    here.branches.append(_branch(spoken, to, f"{{{_flag(draw)}: true}}"))


def _impressions(draw: random.Random, loop: list[_Segment]) -> None:
    """Let 108 segments set flags when they are entered, all flags among them."""
    flags = [f"p_{i}" for i in range(1, FLAGS + 1)]
    flags += [_flag(draw) for _ in range(108 - FLAGS)]
    for segment, flag in zip(draw.sample(loop, 108), flags, strict=True):
        segment.sets = f"{{{flag}: {'true' if draw.random() < 0.85 else 'false'}}}"


def _variants(draw: random.Random, loop: list[_Segment], left: int) -> None:
    """Add ordered groups of branches that hang on flags alone: a few long ones, most short."""
    while left > 0:
        here = draw.choice(loop)
        if len(here.branches) > 2:
            continue  # It has its group.
        group = min(left, _MOST_VARIANTS, max(1, round(draw.lognormvariate(1.2, 1.0))))
        added = [_branch(_condition(draw), _onwards(draw, loop, here)) for _ in range(group)]
        here.branches += added
        left -= group


def _onwards(draw: random.Random, loop: list[_Segment], here: _Segment) -> str:
    """Choose a segment some way on, or now and then back."""
    place = loop.index(here)
    step = draw.randint(1, 30) if draw.random() < 0.8 else -draw.randint(1, 60)
    return loop[min(max(place + step, 0), IN_LOOP - 1)].name


def _condition(draw: random.Random) -> str:
    """Give a condition over flags in the known film's proportions of and, or and not."""
    parts = []
    for _ in range(draw.choice((1, 2, 2, 3, 4))):
        kind = draw.random()
        if kind < 0.22:
            either = sorted({_flag(draw) for _ in range(draw.randint(2, 4))})
            parts.append(f"({' or '.join(either)})" if len(either) > 1 else either[0])
        else:
            parts.append(f"not {_flag(draw)}" if kind < 0.52 else _flag(draw))
    return " and ".join(dict.fromkeys(parts))


def _flag(draw: random.Random) -> str:
    return f"p_{draw.randint(1, FLAGS)}"


def _branch(when: str, to: str, sets: str = "") -> str:
    return f'{{when: "{when}", to: {to}{f", set: {sets}" if sets else ""}}}'


def _written(segments: list[_Segment]) -> str:
    lines = [
        "title: {en: Largest, zh-Hant: 最大}",
        "synopsis: {en: A generated film., zh-Hant: 產生的影片。}",
        "fps: 25",
        "start: lead_in",
        "max_runtime: 120 min",
        "variables:",
        *(f"  p_{i}: false" for i in range(1, FLAGS + 1)),
        "scenes:",
    ]
    for segment in segments:
        lines += _scene(segment)
    return "\n".join([*lines, ""])


def _scene(segment: _Segment) -> list[str]:
    name = segment.name
    lines = [
        f"  {name}:",
        f"    title: {{en: {name.replace('_', ' ')}, zh-Hant: 段落 {name}}}",
        f"    clip: clips/{name}.mkv",
        f"    length: {segment.length_s:g} s",
    ]
    if segment.lead_in:
        lines.append("    lead_in: true")
    if segment.sets:
        lines.append(f"    set: {segment.sets}")
    if segment.branches:
        # A segment that asks nobody looks at its flags for as long as it can.
        ends_s = segment.length_s - _NOTICE_S
        from_s = ends_s - segment.window_s if segment.window_s else min(2.0, ends_s - 1.0)
        lines.append(f"    reading: {{from: {max(from_s, 2.0):g} s, to: {ends_s:g} s}}")
        lines += ["    branches:", *(f"      - {branch}" for branch in segment.branches)]
    if segment.default:
        lines.append(f"    default: {segment.default}")
    if segment.ending:
        lines.append("    ending: true")
    return lines
