"""Whatever a film file holds, it loads or is refused with places."""

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from narrative import FilmError, Problem, load_film

PIECES = st.sampled_from(
    [
        *"{}[]:-,&*!|>'\"#%@`?\n\t\0\x85\u2028\ud800$",
        *("- ", ": ", "  ", "<<: ", "!!int ", "&a ", "*a", '"\\UFFFFFFFF"', "(" * 40, "[" * 40),
        *("24 s", "0", "-1 s", "null", "true", "1e999", "9" * 30, "visits(", " for ", "99999 min"),
        *("harbour", "default: harbour", "ending: true", "to: ", "when: ", "part: duel", "$who"),
        *("${", "lead_in: true", "threads: ", "cuts: ", "00:00:00;02", "every: 1 ms", "bumper: "),
    ]
)


def mutated(data: st.DataObject, text: str) -> str:
    for _ in range(data.draw(st.integers(1, 4))):
        first = data.draw(st.integers(0, len(text)))
        last = data.draw(st.integers(first, min(len(text), first + 12)))
        text = text[:first] + data.draw(PIECES) + text[last:]
    return text


@given(data=st.data())
def test_a_mutated_film_loads_or_is_refused(data: st.DataObject, film_text: str) -> None:
    _loads_or_is_refused(mutated(data, film_text))


@given(data=st.data())
def test_a_mutated_film_of_everything_loads_or_is_refused(
    data: st.DataObject, everything_text: str
) -> None:
    _loads_or_is_refused(mutated(data, everything_text))


@given(data=st.data())
def test_a_film_with_values_exchanged_loads_or_is_refused(
    data: st.DataObject, everything_text: str
) -> None:
    """The YAML stays whole: keys and values change their places, so that all readers are met."""
    tree = yaml.safe_load(everything_text)
    mappings = list(_mappings(tree))
    for _ in range(data.draw(st.integers(1, 3))):
        one, other = data.draw(st.sampled_from(mappings)), data.draw(st.sampled_from(mappings))
        key = data.draw(st.sampled_from(sorted(one, key=str)))
        value = data.draw(
            st.sampled_from([*other.values(), [], {}, "", None, -1, 10**40, "$who", [[1]], True])
        )
        one[key if data.draw(st.booleans()) else data.draw(st.sampled_from(list(other)))] = value
    _loads_or_is_refused(_yaml(tree))


def _mappings(value: object) -> list[dict[object, object]]:
    if isinstance(value, dict):
        return [value, *(found for item in value.values() for found in _mappings(item))]
    if isinstance(value, list):
        return [found for item in value for found in _mappings(item)]
    return []


class _Plain(yaml.SafeDumper):
    """Writes no anchors, and stops where a value holds itself."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def _yaml(tree: object) -> str:
    try:
        return str(yaml.dump(tree, Dumper=_Plain, allow_unicode=True, width=10**6))
    except RecursionError:
        return "{}"


@given(st.text() | st.text("{}[]:-,&*!|>'\"#%@`?\n \tab1$"))
@example("[" * 5000)
@example("- " * 5000)
@example("a: " + "{a: " * 3000)
@example("%YAML 1." + "9" * 5000 + "\n--- a")
@example('"\\UFFFFFFFF"')
@example('{title: {en: "\\ud800"}}')
@example("a: &a [*a, *a]")
@example("? {a: b}\n: c")
@example("\ufeff\0")
@example("a\n--- b")
@example("? [a]\n")
@example("!!binary x")
def test_any_text_loads_or_is_refused(text: str) -> None:
    _loads_or_is_refused(text)


HEAD = "title: {en: x}\nfps: 24\nstart: a\nmax_runtime: 1 min\n"


@pytest.mark.parametrize(
    "scene",
    [
        "a: {clip: x, bumper: 1000, length: 9 s, reading: {from: 2 s, to: 8 s}, default: b,"
        " branches: [{when: synchrony > 3, to: b}]}\n"
        + "".join(
            f"  x{n}: {{clip: x, bumper: 1000, length: 9 s, reading: {{from: 2 s, to: 8 s}},"
            " default: b, branches: [{when: synchrony > 3, to: b}]}\n"
            for n in range(30)
        ),
        "a: {threads: {t: x, u: y}, length: 999999999 min, default: b,"
        " cuts: {every: 3 s, branches: [{when: synchrony > 3, to: other}]}}\n",
        "a: {threads: {t: x, u: y}, length: 500 min, default: b, cuts: {every: 3 s, branches: ["
        + "{when: synchrony > 3, to: other}," * 2000
        + "]}}\n",
    ],
    ids=["rounds", "shots", "branches"],
)
def test_what_writes_out_to_too_much_is_refused(scene: str) -> None:
    with pytest.raises(FilmError, match="more than 20000 scenes or 200000 branches"):
        load_film(f"{HEAD}scenes:\n  {scene}  b: {{clip: y, ending: true}}\n", "film.yaml")


def test_after_a_hundred_problems_it_is_enough() -> None:
    scenes = "".join(f"  s{n}: {{clip: x, default: nowhere}}\n" for n in range(1_000))
    problems = _problems(f"{HEAD}scenes:\n{scenes}")
    assert problems is not None
    assert len(problems) == 100


def _loads_or_is_refused(text: str) -> None:
    problems = _problems(text)
    assert problems is None or problems
    for problem in problems or ():
        name, line, column = problem.where.split(":")
        assert name == "film.yaml"
        assert 1 <= int(line) <= len(text.splitlines()) + 1
        assert int(column) >= 1
        assert "\n" not in str(problem)
        assert problem.remedy
        assert problem.severity == "error"


def _problems(text: str) -> tuple[Problem, ...] | None:
    try:
        film = load_film(text, "film.yaml")
    except FilmError as refused:
        return refused.problems
    assert film.start in film.scenes
    for scene in film.scenes.values():
        assert set(scene.candidates) <= set(film.scenes)
        assert scene.ending == (scene.default is None)
        assert scene.linear is None or scene.linear in film.scenes
    assert set(film.entrances.values()) <= set(film.scenes)
    return None
