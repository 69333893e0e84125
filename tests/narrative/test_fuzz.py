"""Whatever a film file holds, it loads or is refused with places."""

from hypothesis import example, given
from hypothesis import strategies as st

from narrative import FilmError, Problem, load_film

PIECES = st.sampled_from(
    [
        *"{}[]:-,&*!|>'\"#%@`?\n\t\0\x85\u2028\ud800",
        *("- ", ": ", "  ", "<<: ", "!!int ", "&a ", "*a", '"\\UFFFFFFFF"', "(" * 40, "[" * 40),
        *("24 s", "0", "-1 s", "null", "true", "1e999", "9" * 30, "visits(", " for "),
        *("harbour", "default: harbour", "ending: true", "to: ", "when: "),
    ]
)


@given(data=st.data())
def test_a_mutated_film_loads_or_is_refused(data: st.DataObject, film_text: str) -> None:
    text = film_text
    for _ in range(data.draw(st.integers(1, 4))):
        first = data.draw(st.integers(0, len(text)))
        last = data.draw(st.integers(first, min(len(text), first + 12)))
        text = text[:first] + data.draw(PIECES) + text[last:]
    _loads_or_is_refused(text)


@given(st.text() | st.text("{}[]:-,&*!|>'\"#%@`?\n \tab1"))
@example("[" * 5000)
@example("- " * 5000)
@example("a: " + "{a: " * 3000)
@example("%YAML 1." + "9" * 5000 + "\n--- a")
@example('"\\UFFFFFFFF"')
@example('{title: {en: "\\ud800"}}')
@example("a: &a [*a, *a]")
@example("? {a: b}\n: c")
@example("\ufeff\0")
def test_any_text_loads_or_is_refused(text: str) -> None:
    _loads_or_is_refused(text)


def _loads_or_is_refused(text: str) -> None:
    for problem in _problems(text):
        name, line, column = problem.where.split(":")
        assert name == "film.yaml"
        assert 1 <= int(line) <= len(text.splitlines()) + 1
        assert int(column) >= 1
        assert "\n" not in str(problem)
        assert problem.remedy


def _problems(text: str) -> tuple[Problem, ...]:
    try:
        film = load_film(text, "film.yaml")
    except FilmError as refused:
        return refused.problems
    assert film.start in film.scenes
    return ()
