"""While a study is under way the console says so, and no more."""

import pytest

from engine.console import _panels as panels
from engine.console._view import decision_words, following


@pytest.mark.parametrize("by", ["yoked", "sham", "study"])
def test_a_study_s_decision_is_told_without_its_reasons(state, status, event, decision, say, by):
    state.hear_event(event("started"))
    made = decision(by=by)
    state.hear_status(status(signals=(), study="blind", decisions=(made,)), 0)
    under_way = say("a study is under way")
    assert decision_words(made, say) == say(
        "{scene}: {why}", scene=say.scene("gripped"), why=under_way
    )
    assert (following(state).scene, following(state).by) == ("gripped", "study")
    assert under_way in panels.standby(state, say)
    assert under_way in panels.phase(state, say)


def test_without_a_study_nothing_is_said_of_one(state, status, event, say):
    state.hear_event(event("started"))
    state.hear_status(status(), 0)
    assert say("a study is under way") not in panels.phase(state, say)
