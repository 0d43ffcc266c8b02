"""What people decide about texts. A decision is an event in the log, so that a replay decides the same; it becomes an
answer of tier `person`, which is the last word about those words.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct

from honeyguide.core import clock
from honeyguide.core.errors import BadInput, NotFound
from honeyguide.core.ids import new_id
from honeyguide.core.terms import CanonicalEvent
from honeyguide.db import Row, Tx
from honeyguide.funnel import append, internal_source, own_event
from honeyguide.funnel.sources import INTERNAL
from honeyguide.inference import answer_tables, reading_tables, review_tables
from honeyguide.inference.answer_tables import Given
from honeyguide.inference.contract import Answer, Question, Span
from honeyguide.inference.question_sets import shipped

REVIEWED = "inference.reviewed"
_SURE = 0.98
_MOST_SPANS = 5


class Decision(Struct, frozen=True):
    """What a person said of one question about one text."""

    digest: UUID
    task: str
    question: str
    label: str
    spans: tuple[tuple[int, int], ...]
    actor: str


async def decide(tx: Tx, review: UUID, label: str, actor: str, spans: Sequence[tuple[int, int]] = ()) -> UUID:
    """Answer a question; the event's id. Nothing changes until the road (or `carry`) has read it.

    Raises NotFound for an id that is none, BadInput for a label outside the set or places outside the text.
    """
    row = await review_tables.one(tx, review)
    if row is None:
        raise NotFound("There is no such question in this workspace.")
    question = question_of(row["task"], row["question"])
    if question is None or label not in question.options:
        raise BadInput(
            f"{label[:60]!r} is no answer to this question.",
            advice=f"Choose one of {', '.join(question.options)}." if question else "It belongs to an older version.",
        )
    places = _places(row["text"] or "", spans) or tuple((s, e) for s, e in row["evidence"]["spans"])
    source = await internal_source(tx)
    event = own_event(
        f"{REVIEWED}:{new_id()}", REVIEWED, await _after(tx, row), ref=f"Decision of {actor}",
        props={
            "digest": str(row["digest"]), "task": row["task"], "question": row["question"], "label": label,
            "spans": [list(p) for p in places], "actor": actor[:200],
        },
    )  # fmt: skip
    (outcome,) = await append(tx, source, [event])
    if outcome.event_id is None:
        raise RuntimeError("a decision did not reach the log")
    return outcome.event_id


def _places(text: str, spans: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    for start, end in spans[:_MOST_SPANS]:
        if not 0 <= start < end <= len(text) or not text[start:end].strip():
            raise BadInput(
                "A marked place lies outside the text.", f"{start} to {end} of {len(text)} characters",
                advice="Mark words of the text itself.",
            )  # fmt: skip
    return tuple(spans[:_MOST_SPANS])


async def _after(tx: Tx, row: Row) -> datetime:
    """Now, or just after the last decision about the same question: a clock that stood still must not undo an undo."""
    last = row["decided_at"]
    now = clock.now()
    return now if last is None else max(now, last + timedelta(microseconds=1))


def question_of(task: str, question: str) -> Question | None:
    """The question of a shipped set, when the set still has this version."""
    found = shipped().get(task.partition("@")[0])
    if found is None or found.task != task:
        return None
    return next((q for q in found.questions if q.id == question), None)


async def take_in(tx: Tx, events: Sequence[CanonicalEvent]) -> set[int]:
    """Keep the decisions among the events as answers; the subjects whose texts they are about."""
    found = [(e, d) for e in events if e.kind == REVIEWED and e.source == INTERNAL and (d := _decision(e)) is not None]
    if not found:
        return set()
    await answer_tables.keep(tx, [_given(e, d) for e, d in found])
    for event, d in found:
        await review_tables.decided(tx, d.digest, d.task, d.question, d.label, d.actor, event.at)
    return await reading_tables.subjects_of(tx, {d.digest for _, d in found})


def _decision(event: CanonicalEvent) -> Decision | None:
    props = event.props
    try:
        found = Decision(
            digest=UUID(str(props["digest"])), task=str(props["task"]), question=str(props["question"]),
            label=str(props["label"]), spans=tuple((int(s), int(e)) for s, e in props.get("spans", [])),
            actor=str(props.get("actor", "")),
        )  # fmt: skip
    except (KeyError, TypeError, ValueError):
        return None
    question = question_of(found.task, found.question)
    return found if question is not None and found.label in question.options else None


def _given(event: CanonicalEvent, d: Decision) -> Given:
    question = question_of(d.task, d.question)
    options = [*question.options] if question else [d.label]
    rest = (1 - _SURE) / max(1, len(options) - 1)
    probs = {o: _SURE if o == d.label else rest for o in options}
    answer = Answer(
        question=d.question, probs=probs, provider=d.actor or "person", tier="person", model="review",
        evidence=tuple(Span(s, e, "") for s, e in d.spans),
    )  # fmt: skip
    return Given(d.digest, d.task, answer, event.at, asked="", event=event.event_id)
