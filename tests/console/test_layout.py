"""Where scenes stand: layers from left to right, each scene alone in its place."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from engine.console._layout import lay_out

DIAMOND = {"a": ("b", "c", "d"), "b": ("d",), "c": ("d",), "d": ()}


@st.composite
def graphs(draw: st.DrawFn) -> dict[str, tuple[str, ...]]:
    """Any graph: loops, scenes that lead to themselves, scenes that nothing leads to."""
    names = [f"s{n}" for n in range(draw(st.integers(1, 12)))]
    targets = st.lists(st.sampled_from(names), max_size=4, unique=True).map(tuple)
    return {name: draw(targets) for name in names}


def reachable(start: str, graph: dict[str, tuple[str, ...]]) -> set[str]:
    found = {start}
    while more := {to for name in found for to in graph[name]} - found:
        found |= more
    return found


def test_a_diamond_lies_in_three_layers():
    layout = lay_out("a", DIAMOND)
    assert {name: x for name, (x, _) in layout.places.items()} == {"a": 0, "b": 1, "c": 1, "d": 2}
    assert layout.layers == 3


def test_an_edge_that_passes_a_layer_keeps_clear_of_its_scenes():
    layout = lay_out("a", DIAMOND)
    (_, y) = layout.edges["a", "d"][1]
    assert all(abs(y - layout.places[name][1]) >= 0.7 for name in "bc")


def test_no_crossing_where_none_is_needed():
    graph = {"a": ("b", "c"), "b": ("e",), "c": ("d",), "d": (), "e": ()}
    places = lay_out("a", graph).places
    assert (places["b"][1] < places["c"][1]) == (places["e"][1] < places["d"][1])


def test_a_loop_leads_back():
    layout = lay_out("a", {"a": ("b",), "b": ("a", "c"), "c": ("c",)})
    assert layout.places["a"][0] < layout.places["b"][0]
    assert len(layout.edges["b", "a"]) == 2
    assert ("c", "c") in layout.edges


@given(graphs())
def test_every_scene_that_can_be_reached_has_a_place_of_its_own(graph):
    layout = lay_out("s0", graph)
    assert set(layout.places) == reachable("s0", graph)
    assert len(set(layout.places.values())) == len(layout.places)
    assert set(layout.edges) == {(a, b) for a in layout.places for b in graph[a]}


@given(graphs())
def test_edges_start_and_end_at_their_scenes_and_go_a_layer_at_a_time(graph):
    layout = lay_out("s0", graph)
    for (start, end), points in layout.edges.items():
        assert points[0] == layout.places[start]
        assert points[-1] == layout.places[end]
        steps = [b[0] - a[0] for a, b in pairwise(points)]
        assert all(step == 1 for step in steps) or (len(points) == 2 and steps[0] <= 0)
