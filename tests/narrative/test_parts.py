"""Sub-graphs with parameters, written out where scenes use them."""

import pytest

from narrative import Compare, Film, FilmError, Visits, load_film, walk

HEAD = """\
title: {en: Parts}
fps: 24
start: a
max_runtime: 60 min
variables: {met_anna: false, met_ben: false}
"""

NESTED = (
    HEAD
    + """\
parts:
  duel:
    parameters: [who, won]
    start: opening
    scenes:
      opening: {part: greeting, with: {of: $who, then: fight, on: $won}}
      fight:
        threads: {left: "l_$who.mkv", right: "r_$who.mkv"}
        length: 12 s
        cuts: {every: 6 s, branches: [{when: synchrony > 3, to: other}]}
        default: $won
        set: {met_$who: true}
  greeting:
    parameters: [of, then, on]
    start: bow
    scenes:
      bow:
        clip: bow_$of.mkv
        length: 20 s
        reading: {from: 3 s, to: 18 s}
        branches: [{when: visits(fight) < 1 and visits($on) < 1 and visits(a) < 2, to: fight}]
        default: $then
      fight: {clip: brawl.mkv, default: $then}
scenes:
  a: {clip: a.mkv, length: 9 s, reading: {from: 2 s, to: 8 s}, default: one,
      branches: [{when: visits(one) >= 1, to: one.fight}, {when: synchrony > 9, to: two}]}
  one: {part: duel, with: {who: anna, won: two}}
  two: {part: duel, with: {who: ben, won: fight}}
  fight: {clip: end.mkv, ending: true}
"""
)


@pytest.fixture(scope="module")
def nested() -> Film:
    return load_film(NESTED, "film.yaml")


def test_each_use_has_scenes_of_its_own(everything: Film) -> None:
    names = [name for name in everything.scenes if name.startswith("duel")]
    assert names == [
        *("duel_anna.face", "duel_anna.fight", "duel_anna.flee"),
        *("duel_ben.face", "duel_ben.fight", "duel_ben.flee"),
    ]
    face = everything.scenes["duel_anna.face"]
    assert (face.clip, face.of, face.default) == (
        "clips/duel_anna.mkv",
        "duel_anna.face",
        "duel_anna.flee",
    )
    assert [branch.to for branch in face.branches] == ["duel_anna.fight"]
    assert everything.scenes["duel_anna.fight"].default == "duel_ben.face"
    assert everything.scenes["duel_ben.fight"].clip == "clips/ben_fights.mkv"
    assert everything.entrances["duel_anna"] == "duel_anna.face"
    assert everything.entrances["duel_anna.flee"] == "duel_anna.flee"


def test_parameters_stand_in_guards_too(everything: Film) -> None:
    anna, ben = (everything.scenes[f"duel_{who}.face"].branches[0].when for who in ("anna", "ben"))
    assert anna.text == "engagement > 0.8 and visits(face) < 3 for 5 s"
    assert (anna.numbers("engagement"), ben.numbers("engagement")) == ((0.8,), (-0.5,))


def test_visits_counts_the_scene_that_is_meant(everything: Film, nested: Film) -> None:
    def counted(film: Film, scene: str) -> list[str]:
        tree = film.scenes[scene].branches[0].when.tree
        quantities = [node.quantity for node in walk(tree) if isinstance(node, Compare)]
        return [quantity.scene for quantity in quantities if isinstance(quantity, Visits)]

    assert counted(everything, "duel_ben.face") == ["duel_ben.face"]
    assert counted(everything, "chase.ben.3") == ["duel_anna.face"]
    assert counted(nested, "a") == ["one.opening.bow"]
    # Its own fight, the fight or duel its user was given, the film's a.
    assert counted(nested, "one.opening.bow") == ["one.opening.fight", "two.opening.bow", "a"]
    assert counted(nested, "two.opening.bow") == ["two.opening.fight", "two.opening.fight", "a"]


def test_parts_within_parts(nested: Film) -> None:
    assert list(nested.scenes) == [
        "a",
        *("one.opening.bow", "one.opening.fight", "one.fight.left.1"),
        *("one.fight.left.2", "one.fight.right.2"),
        *("two.opening.bow", "two.opening.fight", "two.fight.left.1"),
        *("two.fight.left.2", "two.fight.right.2"),
        "fight",
    ]
    assert nested.entrances["one"] == "one.opening.bow"
    assert nested.entrances["one.opening"] == "one.opening.bow"
    assert nested.entrances["two.fight"] == "two.fight.left.1"
    assert nested.scenes["one.fight.left.1"].clip == "l_anna.mkv"
    assert nested.scenes["two.opening.bow"].clip == "bow_ben.mkv"
    assert [change.variable for change in nested.scenes["two.fight.left.1"].sets] == ["met_ben"]


def test_a_local_name_goes_before_an_outer_one_and_an_argument_before_both(nested: Film) -> None:
    assert [branch.to for branch in nested.scenes["a"].branches] == [
        "one.fight.left.1",
        "two.opening.bow",
    ]
    bow = nested.scenes["one.opening.bow"]
    assert bow.branches[0].to == "one.opening.fight"
    assert bow.default == "one.fight.left.1"
    assert nested.scenes["one.opening.fight"].default == "one.fight.left.1"
    assert nested.scenes["one.fight.left.2"].default == "two.opening.bow"
    assert nested.scenes["two.fight.left.2"].default == "fight"


def test_places_stay_those_of_the_parts_text(nested: Film) -> None:
    for use in ("one", "two"):
        bow = nested.scenes[f"{use}.opening.bow"]
        assert bow.source[""] == "film.yaml:22:7"
        assert bow.source["default"] == "film.yaml:27:18"


def test_a_fault_in_a_part_is_said_once_with_its_uses(everything_text: str) -> None:
    text = everything_text.replace("engagement > $floor", "engagment > $floor")
    with pytest.raises(FilmError) as refused:
        load_film(text, "film.yaml")
    (problem,) = refused.value.problems
    assert problem.what == 'there is no signal or variable "engagment" (in duel_anna and 1 more)'
    assert problem.where == "film.yaml:27:28"
    text = everything_text.replace("to: fight}]", "to: figth}]")
    with pytest.raises(FilmError) as refused:
        load_film(text, "film.yaml")
    (problem,) = refused.value.problems
    assert problem.what == '"face" leads to "figth", which is no scene (in duel_anna and 1 more)'
    assert problem.remedy == 'Did you mean "fight"?'


def test_a_fault_in_an_argument_is_found_where_it_is_filled_in(everything_text: str) -> None:
    text = everything_text.replace("floor: 0.8", "floor: 1 s")
    with pytest.raises(FilmError) as refused:
        load_film(text, "film.yaml")
    (problem,) = refused.value.problems
    assert problem.what == '"engagement" compared with a duration (in duel_anna)'
    assert problem.where == "film.yaml:27:41"


def test_what_comes_after_a_parameter_is_found_at_its_place(everything_text: str) -> None:
    text = everything_text.replace("$floor and visits(face)", "$floor and visits(faze)")
    with pytest.raises(FilmError) as refused:
        load_film(text, "film.yaml")
    assert {problem.where for problem in refused.value.problems} == {"film.yaml:27:59"}


def test_a_part_that_no_way_leads_to_is_said_once(everything_text: str) -> None:
    text = everything_text.replace("linear: duel_ben", "").replace(", to: duel_ben}", ", to: calm}")
    text = text.replace("won: duel_ben", "won: calm")
    with pytest.raises(FilmError) as refused:
        load_film(text, "film.yaml")
    (problem,) = refused.value.problems
    assert problem.what == 'scene "duel_ben" cannot be reached from "lead_in"'


def nest(depth: int, width: int) -> str:
    """Parts that use the next one several times."""
    parts = ["parts:"]
    for level in range(depth):
        parts += [f"  p{level}:", "    start: s0", "    scenes:"]
        for at in range(width):
            follows = f"s{at + 1}" if at + 1 < width else "out"
            parts.append(
                f"      s{at}: {{clip: x.mkv, default: {follows}}}"
                if level == depth - 1
                else f"      s{at}: {{part: p{level + 1}}}"
            )
        parts.append("      out: {clip: y.mkv, default: end}")
    return (
        HEAD.replace("start: a", "start: top")
        + "\n".join(parts)
        + ("\nscenes:\n  top: {part: p0}\n  end: {clip: z.mkv, ending: true}\n")
    )


def test_a_film_written_out_beyond_what_a_hall_can_hold_is_refused() -> None:
    with pytest.raises(FilmError, match="more than 20000 scenes, its parts written out"):
        load_film(nest(5, 12), "film.yaml")


def test_texts_that_grow_with_each_use_are_refused() -> None:
    text = HEAD.replace("start: a", "start: top") + "parts:\n"
    for level in range(5):
        scene = "{clip: $x.mkv, default: end}"
        if level < 4:
            scene = f"{{part: p{level + 1}, with: {{x: {'$x' * 100}}}}}"
        text += f"  p{level}: {{parameters: [x], start: s, scenes: {{s: {scene}}}}}\n"
    text += "scenes:\n  top: {part: p0, with: {x: long}}\n  end: {clip: z.mkv, ending: true}\n"
    with pytest.raises(FilmError, match="too long with its parameters filled in"):
        load_film(text, "film.yaml")
