"""The minutes of a stage, in English or Chinese: what was done and decided, and how.

Members stand under their names where they were present or recused, and nowhere else: whose opinion
or ballot was whose is not in the minutes. What they say follows from the decision's record, whose
hashes they name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection, select

from festival_api import letters
from festival_api.editions import LoadedEdition
from festival_api.jury._decisions import held
from festival_api.jury._documents import Block, Heading, Paragraph, Rows, as_html, as_markdown
from festival_api.jury._hearings import HearingView, hearings
from festival_api.jury._recognition import RecognitionInputs, RecognitionResult
from festival_api.jury._recompute import read_inputs, read_result
from festival_api.jury._record import Void, WorkLeft
from festival_api.jury._selection import SelectionInputs, SelectionResult
from festival_api.jury._sitting import committee_awards
from festival_api.jury._stage_rows import events
from festival_api.jury._works import works
from festival_api.speech import Language, say, translated
from festival_api.store import tables as t

_ACTIONS: Mapping[str, str] = {
    "open": say("opened"),
    "admit": say("later entries admitted"),
    "line": say("further jurors drawn for the line"),
    "close": say("closed and decided"),
    "reopen": say("opened again"),
    "publish": say("published"),
}
_RUNGS: Mapping[str, str] = {
    "score": say("the adjusted score"),
    "faction": say("the mean of the faction that thought least of it"),
    "committee": say("the committee's choice"),
    "all_pass": say("all who are level pass"),
    "draw": say("by lot"),
    "ballots": say("most ballots"),
    "second_round": say("most ballots in a second round"),
    "evaluation": say("level in both rounds; the higher place in stage 2"),
    "shared": say("level in both rounds and in stage 2; shared"),
}
_ADJUSTMENTS: Mapping[str | None, str] = {
    None: say("Scores were adjusted for the severity of jurors."),
    "few_reviews": say("Scores were not adjusted: some jurors have too few."),
    "disconnected": say("Scores were not adjusted: works and jurors fall into separate parts."),
    "no_freedom": say("Scores were not adjusted: there are too few."),
    "edition": say("Scores were not adjusted: the edition does not ask for it."),
}
# What the service itself writes as the reason; any other stands as it was written.
_WHY: Mapping[str, str] = {
    "conflict of interest (own)": say("conflict of interest (own)"),
    "conflict of interest (family)": say("conflict of interest (family)"),
    "conflict of interest (employer)": say("conflict of interest (employer)"),
    "conflict of interest (collaborator)": say("conflict of interest (collaborator)"),
    "conflict of interest (financial)": say("conflict of interest (financial)"),
    "conflict of interest (token_stake)": say("conflict of interest (token_stake)"),
    "conflict of interest (other)": say("conflict of interest (other)"),
}
_LEFT: Mapping[str, str] = {"withdrawn": say("withdrawn"), "disqualified": say("disqualified")}
_HEARINGS: Mapping[str, str] = {"viewing": say("viewing"), "defence": say("defence")}


def minutes_html(c: Connection, loaded: LoadedEdition, stage: int, language: Language) -> str:
    """Return the minutes of a decided stage as a page."""
    return as_html(_Minutes(c, loaded, stage, language).blocks(), language)


def minutes_markdown(c: Connection, loaded: LoadedEdition, stage: int, language: Language) -> str:
    """Return the minutes of a decided stage as Markdown."""
    return as_markdown(_Minutes(c, loaded, stage, language).blocks())


@dataclass(frozen=True, slots=True)
class _Minutes:
    """One stage's minutes in the making."""

    c: Connection
    loaded: LoadedEdition
    stage: int
    language: Language

    def blocks(self) -> tuple[Block, ...]:
        """Return the whole document."""
        name = self.loaded.edition.name.in_(self.language)
        title = self.say(say("{edition}: minutes of stage {stage}"), edition=name, stage=self.stage)
        parts = {1: self.recognition, 2: self.selection, 3: self.awards}
        return (
            Heading(title, 1),
            Heading(self.say(say("What was done"))),
            self.done(),
            *parts[self.stage](),
            Heading(self.say(say("Decisions"))),
            self.decisions(),
        )

    def say(self, message: str, **words: object) -> str:
        """Say a sentence of the catalogue."""
        return translated(message, self.language).format(**words)

    def at(self, instant: datetime) -> str:
        """Write an instant in the edition's time zone."""
        return letters.moment(instant, self.loaded.edition.zone)[self.language]

    def titles(self, entries: Iterable[str]) -> dict[str, str]:
        """Return what works are called."""
        found = works(self.c, list(entries))
        return {entry: self.title(work.shown(people=True).title) for entry, work in found.items()}

    def title(self, title: Mapping[str, str]) -> str:
        """Choose a title's language."""
        return title.get(self.language) or next(iter(title.values()), "\u2014")

    def names(self, accounts: Iterable[str]) -> str:
        """Return what people are called, by name; who erased their account is a dash."""
        a = t.accounts.c
        found = self.c.execute(select(a.name).where(a.id.in_(list(accounts)))).scalars()
        return self.listed(sorted(name or "\u2014" for name in found))

    def listed(self, names: Iterable[str]) -> str:
        """Write a list as the language does."""
        return (", " if self.language == "en" else "\u3001").join(names)

    def done(self) -> Block:
        """Tell who opened and closed the stage, when and why."""
        rows = [
            (
                self.at(event.at),
                self.say(_ACTIONS[event.action]),
                self.names([event.actor]),
                event.reason,
            )
            for event in events(self.c, self.loaded.edition.id, self.stage)
        ]
        return Rows(self.head(say("when"), say("what"), say("by"), say("reason")), tuple(rows))

    def head(self, *names: str) -> tuple[str, ...]:
        """Return a table's header."""
        return tuple(self.say(name) for name in names)

    def recognition(self) -> list[Block]:
        """Tell how stage 1 was decided."""
        record = held(self.c, self.loaded.edition.id, 1)
        inputs: RecognitionInputs = read_inputs(record)
        result: RecognitionResult = read_result(record)
        titles = self.titles(inputs.works)
        checks = self.loaded.edition.stage_1.checks
        told = self.say(
            say(
                "{recognised} of {works} works were recognised; the festival expects about"
                " {numerator} of {denominator}."
            ),
            recognised=result.recognised,
            works=result.works,
            **result.expected.model_dump(),
        )
        rows = [
            (
                titles[work.entry],
                self.say(say("recognised") if work.recognised else say("not recognised")),
                *(
                    f"{work.checks[check.id].passed} : {work.checks[check.id].failed}"
                    for check in checks
                ),
            )
            for work in result.by_work
        ]
        names = [check.name.in_(self.language) for check in checks]
        header = (*self.head(say("work"), say("result")), *names)
        return [
            Heading(self.say(say("Result"))),
            Paragraph(told),
            Paragraph(
                self.say(say("Under each check: verdicts that pass the work : that do not."))
            ),
            Rows(header, tuple(rows)),
            *self.out_of_count(inputs.left, inputs.void),
        ]

    def selection(self) -> list[Block]:
        """Tell how stage 2 was decided."""
        record = held(self.c, self.loaded.edition.id, 2)
        inputs: SelectionInputs = read_inputs(record)
        result: SelectionResult = read_result(record)
        titles = self.titles(inputs.works)
        told = self.say(
            say("{works} works, {places} places; the line lies at {line}."),
            works=result.eligible,
            places=result.quota,
            line="\u2014" if result.line is None else _points(result.line),
        )
        blocks: list[Block] = [Heading(self.say(say("Result"))), Paragraph(told)]
        blocks.append(Paragraph(self.say(_ADJUSTMENTS[result.adjustment_reason])))
        header = self.head(
            say("place"), say("work"), say("adjusted score"), say("result"), say("decided by")
        )
        rows = [
            (
                str(work.rank),
                titles[work.entry],
                _points(work.adjusted.micro),
                self.say(say("finalist") if work.passed else say("not selected")),
                self.say(_RUNGS[work.rung]),
            )
            for work in sorted(result.by_work, key=lambda work: (work.rank, work.entry))
        ]
        blocks.append(Rows(header, tuple(rows)))
        if result.near:
            near = self.listed(titles[entry] for entry in result.near)
            words = say("Within one standard error of the line: {works}.")
            blocks.append(Paragraph(self.say(words, works=near)))
        if inputs.without_extra.works:
            without = self.listed(titles[entry] for entry in inputs.without_extra.works)
            words = say("Without a further juror, for this reason: {reason} ({works})")
            reason = inputs.without_extra.reason
            blocks.append(Paragraph(self.say(words, reason=reason, works=without)))
        if inputs.choice is not None:
            chosen = self.listed(titles[entry] for entry in inputs.choice.works)
            words = say("The committee chose among equals: {works}. Its reason: {reason}")
            blocks.append(Paragraph(self.say(words, works=chosen, reason=inputs.choice.reason)))
        if inputs.seed is not None:
            words = say("SHA-256 of the seed for lots: {commitment}")
            blocks.append(Paragraph(self.say(words, commitment=inputs.seed.commitment)))
        return [*blocks, *self.out_of_count(inputs.left, inputs.void)]

    def awards(self) -> list[Block]:
        """Tell how the awards were decided, and who had seen what."""
        edition, rows = self.loaded.edition, []
        header = self.head(
            say("award"),
            say("winner"),
            say("decided by"),
            say("ballots"),
            say("entitled"),
            say("recused"),
        )
        for award in committee_awards(edition):
            record = held(self.c, edition.id, 3, award.id)
            inputs, result = read_inputs(record), read_result(record)
            titles = self.titles(result.winners)
            rows.append(
                (
                    award.name.in_(self.language),
                    self.listed(titles[entry] for entry in result.winners),
                    self.say(_RUNGS[result.rung]),
                    self.listed(str(len(one.ballots)) for one in inputs.rounds),
                    str(len(inputs.entitled)),
                    self.members(inputs.recused),
                )
            )
        all_held = hearings(self.c, edition.id)
        shown = self.titles({one.entry for one in all_held})
        attended = [
            (
                self.at(one.held_at),
                self.say(_HEARINGS[one.kind]),
                shown[one.entry],
                self.names(one.jurors),
                self.note(one),
            )
            for one in all_held
        ]
        viewings = self.head(say("when"), say("what"), say("work"), say("present"), say("note"))
        return [
            Heading(self.say(say("Awards"))),
            Rows(header, tuple(rows)),
            Heading(self.say(say("Viewings and defences"))),
            Rows(viewings, tuple(attended)),
        ]

    def note(self, one: HearingView) -> str:
        """Return what was noted of a viewing or defence, and whether it was corrected and why."""
        told = [one.note] if one.note else []
        if one.reason:
            told.append(self.say(say("Corrects an earlier record: {reason}"), reason=one.reason))
        if one.replaced_by is not None:
            told.append(self.say(say("Corrected: this record no longer holds.")))
        return " ".join(told)

    def out_of_count(self, left: Iterable[WorkLeft], void: Iterable[Void]) -> list[Block]:
        """Tell of works that left, and of opinions that do not count."""
        left, void = tuple(left), tuple(void)
        titles = self.titles({one.entry for one in left} | {one.entry for one in void})
        gone = tuple((titles[one.entry], self.say(_LEFT[one.state])) for one in left)
        out = tuple((titles[one.entry], self.why(one.why)) for one in void)
        return [
            Heading(self.say(say("Works that left the competition"))),
            Rows(self.head(say("work"), say("why")), gone),
            Heading(self.say(say("Opinions that do not count"))),
            Rows(self.head(say("work"), say("why")), out),
        ]

    def why(self, reason: str) -> str:
        """Say a reason of the service's in the language of the minutes."""
        return self.say(_WHY[reason]) if reason in _WHY else reason

    def members(self, pseudonyms: Iterable[str]) -> str:
        """Return what members of the committee are called."""
        j = t.jurors.c
        here = (j.edition == self.loaded.edition.id, j.pseudonym.in_(list(pseudonyms)))
        return self.names(self.c.execute(select(j.account).where(*here)).scalars().all())

    def decisions(self) -> Block:
        d = t.decisions.c
        rows = self.c.execute(
            select(t.decisions)
            .where(d.edition == self.loaded.edition.id, d.stage == self.stage)
            .order_by(d.subject, d.turn)
        ).all()
        header = self.head(say("decision"), say("turn"), say("award"), say("when"), say("method"))
        header += self.head(say("SHA-256 of the record"), say("SHA-256 of the result"))
        return Rows(
            header,
            tuple(
                (
                    row.id,
                    str(row.turn),
                    row.subject,
                    self.at(row.made_at),
                    row.method,
                    row.inputs_sha256,
                    row.result_sha256,
                )
                for row in rows
            ),
        )


def _points(micro: int) -> str:
    return f"{Decimal(micro) / 1_000_000:.3f}"
