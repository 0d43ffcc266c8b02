"""Learning from people and outcomes: every accept, reject, correction, score and status becomes a label.

Decisions of people are read off the log of answers (`gather`). What a score or the state of a ticket suggests about a
text is derived from the ticket's facts (`of_ticket`), and withdrawn when the facts change.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from honeyguide.core.errors import BadInput
from honeyguide.db import Tx
from honeyguide.inference import label_tables, tables
from honeyguide.inference.contract import Item
from honeyguide.inference.label import Label, Source
from honeyguide.inference.port import Subject
from honeyguide.inference.question_sets import shipped
from honeyguide.inference.texts import Text, texts_of
from honeyguide.inference.ticket import score_of

# How far an outcome is trusted to tell what the words say.
SCORED, MIDDLING, REOPENED, SOLVED = 0.7, 0.3, 0.5, 0.4
_SOON = timedelta(hours=24)


async def add(
    tx: Tx, task: str, question: str, digest: UUID, text_ref: str, label: str, source: Source, actor: str, weight: float,
    at: datetime,
) -> None:  # fmt: skip
    """Keep one label. `task` with or without a version. A rejected label is kept as denied.

    Raises BadInput when the question or the label is none of the shipped sets'.
    """
    name = task.partition("@")[0]
    options = _options(name, question)
    if label not in options:
        raise BadInput(f"{label[:60]!r} is no label of {name}.{question}.", f"Its labels are {', '.join(options)}.")
    made = Label(name, question, digest, label, source, at, text_ref, actor, weight, denied=source == "reject")
    await label_tables.keep(tx, [made])


async def of(tx: Tx, task: str, question: str) -> list[Label]:
    """The labels of a question that are still among its options, oldest first."""
    name = task.partition("@")[0]
    options = _options(name, question)
    return [x for x in await label_tables.load(tx, name, question) if x.label in options]


async def gather(tx: Tx, at: datetime) -> int:
    """Take in what people have decided up to `at`. May be repeated."""
    return await label_tables.gather(tx, at)


async def renew(tx: Tx, subjects: Iterable[Subject]) -> None:
    """Keep what the outcomes of these subjects say about their texts, and nothing they no longer say."""
    digests: set[UUID] = set()
    found: list[Label] = []
    for subject in subjects:
        texts = texts_of(subject)
        digests |= {t.digest for t in texts}
        if subject.kind == "ticket":
            found += of_ticket(subject, texts)
    if digests:
        await label_tables.withdraw(tx, digests, found)
        await label_tables.keep(tx, found)


async def forget(tx: Tx, digests: Iterable[UUID]) -> int:
    """Remove the labels of an erased person's texts."""
    return await label_tables.forget(tx, set(digests))


def of_ticket(subject: Subject, texts: Sequence[Text]) -> list[Label]:
    """What score and state of a ticket suggest about the words of whoever asked.

    A comment with a rating feels as the score says. A comment after which the ticket was reopened within a day says
    that it is not solved; the last one within a day before it was solved for good says that it is.
    """
    found = []
    for text in texts:
        if text.item.author != "customer":
            continue
        score = text.item.facts.get("score")
        if isinstance(score, int) and text.fact.kind == "ticket.rated":
            feeling = "happy" if score >= 4 else "unhappy" if score <= 2 else "neutral"
            found.append(_outcome(text, "sentiment", feeling, "csat", MIDDLING if score == 3 else SCORED))
        elif text.fact.kind == "ticket.commented" and (state := _state_after(subject, texts, text)):
            found.append(_outcome(text, "resolution", state, "status", REOPENED if state == "unresolved" else SOLVED))
    return found


def _state_after(subject: Subject, texts: Sequence[Text], text: Text) -> str:
    """What the ticket became within a day of this comment: `unresolved`, `resolved`, or "" when that says nothing."""
    at = text.fact.at
    later = [f for f in subject.facts if at <= f.at <= at + _SOON and f.event_id != text.fact.event_id]
    if any(f.kind in ("ticket.reopened", "ticket.escalated") for f in later):
        return "unresolved"
    solved = next((f.at for f in later if f.kind == "ticket.solved"), None)
    if solved is None or any(f.kind == "ticket.reopened" and f.at >= solved for f in subject.facts):
        return ""
    between = any(at < t.fact.at <= solved and t.fact.kind == "ticket.commented" for t in texts)
    poor = any(f.kind == "ticket.rated" and (score_of(f.props) or 5) <= 2 for f in subject.facts)
    return "" if between or poor else "resolved"


def _outcome(text: Text, question: str, label: str, source: Source, weight: float) -> Label:
    ref = f"{text.fact.event_id}/{text.field}"
    return Label("ticket_outcome", question, text.digest, label, source, text.fact.at, ref, "outcome", weight)


async def items_of(tx: Tx, digests: Iterable[UUID]) -> dict[UUID, Item]:
    """The texts that are still there, by digest: whose author was erased, is not."""
    wanted = set(digests)
    subjects = await tables.load_subjects(tx, await label_tables.places(tx, wanted))
    return {t.digest: t.item for s in subjects.values() for t in texts_of(s) if t.digest in wanted}


def _options(task: str, question: str) -> dict[str, str]:
    try:
        return shipped()[task].question(question).options
    except KeyError as e:
        raise BadInput(f"There is no question {task[:60]}.{question[:60]}.") from e
