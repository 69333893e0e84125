"""Pictures of a film's graph: nothing missing, nothing twice, nothing that breaks the text."""

import re
from dataclasses import replace
from itertools import combinations, pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks._large_film import large_film
from narrative import Film, as_dot, as_mermaid, as_svg, load_film
from narrative._folded import fold
from narrative._layout import BOX, _apart, _crossings, lay_out
from narrative._shapes import percent

SVG = "{http://www.w3.org/2000/svg}"
TEXT = """\
title: {en: 'Storm & "<calm>"', zh-Hant: 風暴}
fps: 24
start: lead_in
max_runtime: 10 min
scenes:
  lead_in: {title: {en: Before}, clip: a.mkv, length: 60 s, lead_in: true, default: harbour}
  harbour:
    title: {en: '</text><script>alert(1)</script>', zh-Hant: 港口}
    clip: b.mkv
    length: 30 s
    reading: {from: 3 s, to: 21 s}
    branches:
      - {when: engagement > 0.7 for 5 s, to: chase}
      - {when: synchrony > 3, to: chase}
      - {when: synchrony < 0, to: harbour}
    default: waiting
    linear: end2
  waiting:
    clip: d.mkv
    length: 24 s
    bumper: 4
    reading: {from: 3 s, to: 21 s}
    branches: [{when: synchrony > 3 for 5 s, to: harbour}]
    default: chase
  chase:
    threads: {anna: clips/chase_anna.mkv, ben: clips/chase_ben.mkv}
    length: 60 s
    cuts: {every: 6 s, branches: [{when: engagement.trend < 0, to: other}]}
    reading: {from: 20 s, to: 58 s}
    branches: [{when: synchrony > 4 for 5 s, to: end2}]
    default: end
    linear: harbour
  end: {title: {en: Dawn}, clip: f.mkv, length: 12 s, ending: true}
  end2: {clip: g.mkv, length: 12 s, ending: true}
"""


@pytest.fixture(scope="module")
def folded_film() -> Film:
    return load_film(TEXT, "film.yaml")


def test_shots_and_rounds_are_folded_into_their_scene(folded_film: Film) -> None:
    graph = fold(folded_film)
    kinds = {name: (box.kind, box.remark) for name, box in graph.boxes.items()}
    shots = sum(scene.of == "chase" for scene in folded_film.scenes.values())
    assert kinds == {
        "lead_in": ("lead-in", ""),
        "harbour": ("decision", ""),
        "waiting": ("decision", "up to 4 rounds"),
        "chase": ("decision", f"{shots} shots"),
        "end": ("ending", ""),
        "end2": ("ending", ""),
    }
    arrows = {(a.source, a.target): (a.guards, a.default, a.linear) for a in graph.arrows}
    assert arrows == {
        ("lead_in", "harbour"): ([], True, False),
        ("harbour", "chase"): (["engagement > 0.7 for 5 s", "synchrony > 3"], False, False),
        ("harbour", "harbour"): (["synchrony < 0"], False, False),
        ("harbour", "waiting"): ([], True, False),
        ("harbour", "end2"): ([], False, True),
        ("waiting", "harbour"): (["synchrony > 3 for 5 s"], False, False),
        ("waiting", "chase"): ([], True, False),
        ("chase", "end2"): (["synchrony > 4 for 5 s"], False, False),
        ("chase", "end"): ([], True, False),
        ("chase", "harbour"): ([], False, True),
    }


def test_shares_of_shots_and_rounds_add_up(folded_film: Film) -> None:
    share = {"lead_in": 1.0, "chase.anna.1": 0.4, "waiting": 0.5, "waiting.2": 0.3}
    ways = {("waiting", 0): 0.2, ("waiting.2", 0): 0.1, ("lead_in", None): 1.0}
    graph = fold(folded_film, "en", share, ways)
    shares = {name: box.share for name, box in graph.boxes.items()}
    assert shares == {
        "lead_in": 1.0, "harbour": 0.0, "waiting": 0.5, "chase": 0.4, "end": 0.0, "end2": 0.0
    }  # fmt: skip
    arrows = {(a.source, a.target): a.share for a in graph.arrows}
    assert arrows["waiting", "harbour"] == pytest.approx(0.3)
    assert arrows["lead_in", "harbour"] == 1.0
    assert arrows["chase", "end"] == 0.0


def boxes(text: str) -> list[str]:
    root = ElementTree.fromstring(text)
    groups = [group for group in root.iter(f"{SVG}g") if "box" in group.get("class", "").split()]
    return [(group.findtext(f"{SVG}title") or "").split("\n")[0] for group in groups]


def ways(text: str) -> list[str]:
    root = ElementTree.fromstring(text)
    groups = [group for group in root.iter(f"{SVG}g") if "way" in group.get("class", "").split()]
    return [group.findtext(f"{SVG}title") or "" for group in groups]


def test_a_picture_holds_every_scene_and_way_once(folded_film: Film) -> None:
    text = as_svg(folded_film)
    script = "</text><script>alert(1)</script>"
    assert boxes(text) == ["Before", script, "waiting", "chase", "Dawn", "end2"]
    assert len(ways(text)) == 10
    assert "harbour → chase\nengagement > 0.7 for 5 s\nsynchrony > 3" in ways(text)
    assert "<script" not in text


def test_titles_are_in_the_language_asked_for_or_another(folded_film: Film) -> None:
    text = as_svg(folded_film, language="zh-Hant")
    assert boxes(text) == ["Before", "港口", "waiting", "chase", "Dawn", "end2"]
    assert ElementTree.fromstring(text).findtext(f"{SVG}title") == "風暴"


def test_probabilities_colour_boxes_and_widen_arrows(folded_film: Film) -> None:
    plain = as_svg(folded_film, share={"lead_in": 1.0}, edge_share={("lead_in", None): 1.0})
    root = ElementTree.fromstring(plain)
    fills = {
        (group.findtext(f"{SVG}title") or "").split("\n")[0]: group[1].get("fill")
        for group in root.iter(f"{SVG}g")
        if "box" in group.get("class", "").split()
    }
    assert fills["Before"] == "#f09a3e"
    assert fills["Dawn"] == "#ffffff"
    assert "stroke-width:6.00px" in plain
    assert "stroke-width:0.60px" in plain


@pytest.mark.parametrize(
    ("share", "written"),
    [(0.0, "0 %"), (0.0004, "< 0.1 %"), (0.1234, "12.3 %"), (0.9999, "> 99.9 %"), (1.0, "100 %")],
)
def test_a_probability_is_never_nothing_or_all_unless_it_is(share: float, written: str) -> None:
    assert percent(share) == written


def test_every_shape_can_be_told_without_its_colour(folded_film: Film) -> None:
    """Rounded, octagon, plain and double: what is left when colours are taken out."""
    root = ElementTree.fromstring(as_svg(folded_film))
    shapes = {}
    for group in root.iter(f"{SVG}g"):
        if "box" in group.get("class", "").split():
            outline = [child for child in group if child.tag in (f"{SVG}rect", f"{SVG}polygon")]
            name = (group.findtext(f"{SVG}title") or "").split("\n")[0]
            shapes[name] = tuple((child.tag, child.get("rx")) for child in outline)
    assert len({shapes["Before"], shapes["waiting"], shapes["Dawn"]}) == 3


def test_mermaid_and_dot_hold_every_scene_and_way_once(folded_film: Film) -> None:
    mermaid = as_mermaid(folded_film).splitlines()
    assert mermaid[0] == "flowchart LR"
    assert sum(bool(re.match(r"  n\d+[\[({]", line)) for line in mermaid) == 6
    assert sum(bool(re.match(r"  n\d+ [-=]", line)) for line in mermaid) == 10
    assert '  n1{{"#lt;/text#gt;#lt;script#gt;alert(1)#lt;/script#gt;<br/>harbour"}}' in mermaid
    assert '  n1 -->|"engagement #gt; 0.7 for 5 s<br/>synchrony #gt; 3"| n3' in mermaid
    dot = as_dot(folded_film).splitlines()
    assert sum(" -> " in line for line in dot) == 10
    assert '  "waiting" -> "chase" [style=bold, label=""];' in dot


@given(st.text(min_size=1, max_size=30))
def test_no_title_breaks_a_picture(folded_film: Film, title: str) -> None:
    scenes = dict(folded_film.scenes)
    scenes["end"] = replace(scenes["end"], title={"en": title})
    film = replace(folded_film, scenes=scenes, title={"en": title})
    ElementTree.fromstring(as_svg(film))
    dot, mermaid = as_dot(film).split("\n"), as_mermaid(film).split("\n")
    assert sum(line.startswith('  "end" [label="') for line in dot) == 1
    assert len(dot) == len(as_dot(folded_film).split("\n"))
    assert len(mermaid) == len(as_mermaid(folded_film).split("\n"))


# geometry ---------------------------------------------------------------------------


GRAPHS = st.integers(2, 12).flatmap(
    lambda count: st.lists(
        st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)), max_size=40, unique=True
    ).map(lambda arrows: ([f"s{i}" for i in range(count)], [(f"s{a}", f"s{b}") for a, b in arrows]))
)


@given(GRAPHS)
def test_boxes_lie_apart_and_arrows_join_them(graph) -> None:
    names, arrows = graph
    layout = lay_out("s0", names, arrows)
    assert set(layout.places) == set(names)
    for (x, y), (other_x, other_y) in combinations(layout.places.values(), 2):
        assert abs(x - other_x) >= BOX[0] or abs(y - other_y) >= BOX[1]
    assert set(layout.routes) == set(arrows)
    for (source, target), route in layout.routes.items():
        (x, y), (tip_x, tip_y) = route.points[0], route.points[-1]
        assert x == layout.places[source][0] + BOX[0]
        assert 0 < y - layout.places[source][1] < BOX[1]
        assert tip_x in (layout.places[target][0], layout.places[target][0] + BOX[0])
        assert 0 < tip_y - layout.places[target][1] < BOX[1]
        assert route.back == (layout.places[target][0] < layout.places[source][0])
        assert all(0 <= px <= layout.width and 0 <= py <= layout.height for px, py in route.points)
        if len(route.points) > 2:
            assert all(a[0] == b[0] or a[1] == b[1] for a, b in pairwise(route.points))


def test_the_start_stands_left_and_a_path_goes_right() -> None:
    layout = lay_out("a", ["c", "b", "a"], [("a", "b"), ("b", "c"), ("a", "c"), ("c", "a")])
    across = {name: place[0] for name, place in layout.places.items()}
    assert across["a"] < across["b"] == across["c"]
    assert layout.routes["c", "a"].back
    assert max(y for _, y in layout.routes["c", "a"].points) > max(
        y + BOX[1] for _, y in layout.places.values()
    )


def test_a_crossing_that_need_not_be_is_not() -> None:
    arrows = [("s", "a"), ("s", "b"), ("a", "y"), ("b", "x")]
    layout = lay_out("s", ["s", "a", "b", "x", "y"], arrows)
    down = {name: place[1] for name, place in layout.places.items()}
    assert (down["a"] < down["b"]) == (down["y"] < down["x"])


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=20))
def test_crossings_against_every_pair(pairs: list[tuple[int, int]]) -> None:
    earlier, column = [f"a{i}" for i in range(6)], [f"b{i}" for i in range(6)]
    before = {name: [] for name in (*earlier, *column)}
    for source, target in pairs:
        before[f"b{target}"].append(f"a{source}")
    slow = sum((one[0] - two[0]) * (one[1] - two[1]) < 0 for one, two in combinations(pairs, 2))
    assert _crossings([earlier, column], before) == slow


@given(st.lists(st.floats(-1000, 1000), min_size=1, max_size=20), st.floats(1, 100))
def test_values_are_moved_apart_in_their_order(wanted: list[float], pitch: float) -> None:
    moved = _apart(wanted, pitch)
    assert all(b - a >= pitch - 1e-6 for a, b in pairwise(moved))
    if all(b - a >= pitch for a, b in pairwise(wanted)):
        assert moved == pytest.approx(wanted)
    assert sum(moved) == pytest.approx(sum(wanted), abs=1e-3)


def test_the_large_film_is_drawn() -> None:
    film = load_film(large_film(), "film.yaml")
    text = as_svg(film)
    assert len(boxes(text)) == len(film.scenes)
    graph = fold(film)
    assert len(ways(text)) == len(graph.arrows)
