"""Judging the texts of subjects anew: what is known of each by every tier becomes edges, questions for people, and the
queue of what is still to be read.

`renew` runs in the transaction that changed something (an event, an answer, a name) and looks at every text of the
subject. It asks nobody: rules are code, other tiers' answers come from the log. So the result is a function of the
events and the logged answers, and a replay calls no model.
"""

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct, structs

from honeyguide import graph
from honeyguide.core import clock
from honeyguide.core.ids import content_id
from honeyguide.db import Tx
from honeyguide.inference import answer_tables, labels, mention_tables, reading_tables, review_tables, tables
from honeyguide.inference.answer_tables import Kept
from honeyguide.inference.contract import Answer, Item, QuestionSet
from honeyguide.inference.effects import Effect, TaskAuthor, effect
from honeyguide.inference.gazetteer import Candidates, meant, products_in
from honeyguide.inference.guard import Refused, admit, known_to
from honeyguide.inference.injection import marks
from honeyguide.inference.port import Author, Proposal, Subject, signature
from honeyguide.inference.praise import Praise
from honeyguide.inference.question_sets import asked_of, shipped
from honeyguide.inference.reading_tables import Reading
from honeyguide.inference.review_tables import Wanted
from honeyguide.inference.rules import Rules
from honeyguide.inference.stacking import RANK
from honeyguide.inference.texts import Text, texts_of
from honeyguide.inference.verdicts import Verdict, verdict

log = logging.getLogger(__name__)
RULES = Rules()
PRAISE = Praise()
_MINUTE = 1.0  # what looking at one question costs a person, in the unit of `Question.stake`
_WORTH_ASKING = 0.35  # an edge less likely than this is not worth anybody's minute


class Judged(Struct, frozen=True):
    """One text, one question set, one question of it, and what is believed."""

    text: Text
    questions: QuestionSet
    found: Verdict
    effect: Effect | None


async def renew(tx: Tx, ids: Collection[int], lanes: Mapping[int, int] | None = None) -> None:
    """Judge every text of these subjects anew and keep the difference."""
    if not ids:
        return
    subjects = await tables.load_subjects(tx, ids)
    texts = {i: texts_of(s) for i, s in subjects.items()}
    every = [t for found in texts.values() for t in found]
    kept = await answer_tables.load(tx, {t.digest: t.item.text for t in every})
    candidates = await mention_tables.candidates_of(tx, every)
    judged = {i: judge(found, kept, candidates) for i, found in texts.items()}
    await _believe(tx, subjects, judged, candidates, set(ids))
    await mention_tables.keep(tx, every, candidates)
    await reading_tables.sync(
        tx, ids, [_reading(t, judged[t.subject], kept.get(t.digest), lanes or {}) for t in every], clock.now()
    )
    await review_tables.sync(tx, ids, [w for found in judged.values() for j in found if (w := _wanted(j)) is not None])
    await labels.renew(tx, subjects.values())


def judge(texts: Sequence[Text], kept: Mapping[UUID, Kept], candidates: Mapping[int, Candidates]) -> list[Judged]:
    """What is believed of every question about every text of one subject."""
    out: list[Judged] = []
    for text in texts:
        known = candidates[text.subject]
        item = structs.replace(text.item, candidates=named_in(text.item, known))
        flags = marks(item.text)
        for questions in asked_of(item.kind):
            ruled = RULES.answer(questions, item)
            for question in questions.questions:
                answers = _answers(kept.get(text.digest), questions, question.id, ruled)
                found = verdict(question, item.text, answers, flags)
                out.append(Judged(text, questions, found, effect(text, questions, found, known)))
    return _last_outcome(out)


def _answers(kept: Kept | None, questions: QuestionSet, question: str, ruled: Mapping[str, Answer]) -> list[Answer]:
    """The rule's answer of now and the logged ones of the other tiers."""
    logged = kept.answers.get((questions.task, question), ()) if kept else ()
    mine = [ruled[question]] if question in ruled else []
    return mine + [a for a in logged if a.tier != "rule"]


def named_in(item: Item, known: Candidates) -> dict[int, str]:
    """The names that stand in the text: node -> how it is written there. Products and people."""
    found = {n.node: item.text[n.start : n.end] for n in products_in(item.text, known)}
    return found | {i: span.words for span, who in meant(item.text, known) if len(who) == 1 for i in who}


def _last_outcome(judged: list[Judged]) -> list[Judged]:
    """Of what a ticket's texts say of its solution only the last word counts."""
    telling = [j for j in judged if j.questions.name == "ticket_outcome" and j.found.moves]
    dropped = {id(j) for j in telling[:-1]}
    return [structs.replace(j, effect=None) if id(j) in dropped else j for j in judged]


async def _believe(
    tx: Tx, subjects: Mapping[int, Subject], judged: Mapping[int, list[Judged]],
    candidates: Mapping[int, Candidates], ids: set[int],
) -> None:  # fmt: skip
    """Turn effects into assertions through the guard and make them the only ones of their authors."""
    wanted: dict[str, dict[int, list[graph.Assertion]]] = {}
    for ident, subject in subjects.items():
        known = known_to(subject) | _named(candidates.get(ident))
        for author, proposals in _by_author(subject, judged[ident]).items():
            made = admitted_of(author, subject, proposals, known)
            wanted.setdefault(signature(author), {})[ident] = made
    live = await tables.inferrers_of(tx, ids, sorted(_signatures()))
    for name in sorted(wanted.keys() | live.keys()):
        theirs = wanted.get(name, {})
        await graph.replace(tx, name, {i: theirs.get(i, []) for i in theirs.keys() | live.get(name, set())})


def _by_author(subject: Subject, judged: Sequence[Judged]) -> dict[TaskAuthor, list[Proposal]]:
    """Everybody's proposals about a subject. Where rules alone judged a ticket's praise, they judge it as a whole."""
    praise = [j for j in judged if j.questions.name == PRAISE.name]
    whole = subject.kind == "ticket" and all(j.found.voices <= {"rule"} for j in praise)
    found: dict[TaskAuthor, list[Proposal]] = {}
    for j in judged:
        if j.effect is not None and j.effect.proposal is not None and not (whole and j in praise):
            found.setdefault(j.effect.author, []).append(j.effect.proposal)
    if whole and (proposals := PRAISE.infer(subject)):
        found[TaskAuthor(PRAISE.name, PRAISE.version, PRAISE.tier, PRAISE.kinds)] = proposals
    return found


def admitted_of(
    author: Author, subject: Subject, proposals: Iterable[Proposal], known: set[int]
) -> list[graph.Assertion]:
    """What the guard lets through. The text a quote is checked against is that of the proposal's own fact."""
    out: dict[tuple[str, int, int, str], graph.Assertion] = {}
    for p in proposals:
        if p.fact not in subject.facts:
            continue
        text = p.fact.texts.get(p.quote.name, "") if p.quote else ""
        result = admit(p, text, inferrer=author, subject=subject.id, known=known)
        if isinstance(result, Refused):
            log.warning("%s proposed %s and was refused: %s", author.name, p.label[:40], result.reason)
        else:
            out[p.label, p.src, p.dst, p.key] = result
    return list(out.values())


def _named(known: Candidates | None) -> set[int]:
    return set(known.people) | set(known.products) if known else set()


def _signatures() -> set[str]:
    """Everybody who signs edges read from texts."""
    return {f"{tier}:{name}" for name in shipped() for tier in RANK}


def _reading(text: Text, judged: Iterable[Judged], kept: Kept | None, lanes: Mapping[int, int]) -> Reading:
    tasks = {s.task for s in asked_of(text.item.kind)}
    done = kept is not None and tasks <= kept.tasks
    stale = kept is not None and not done
    return Reading(
        id=text.id, subject=text.subject, event=text.fact.event_id, field=text.field, kind=text.item.kind,
        digest=text.digest, at=text.fact.at, author=text.fact.person, company=text.fact.company,
        lane=reading_tables.AGAIN if stale else lanes.get(text.subject, reading_tables.LIVE),
        value=round(sum(open_stake(j.found) for j in judged if j.text.id == text.id), 1), read=done,
        asked=kept.asked if kept is not None and done else "",
    )  # fmt: skip


def open_stake(found: Verdict) -> float:
    """What being wrong about a question is expected to cost now."""
    return found.question.stake * (1 - found.probability)


def _wanted(j: Judged) -> Wanted | None:
    """A question for a person, where an edge hangs on it and their answer is worth more than their minute."""
    q, found = j.found.question, j.found
    edges = q.edges.keys() | q.against.keys()
    likely = max((found.probs[o] for o in edges), default=0.0)
    if found.tier == "person" or likely < _WORTH_ASKING:
        return None
    accepted = j.effect is not None and j.effect.proposal is not None
    unclear = j.effect is not None and j.effect.unclear
    worth = open_stake(found) + (q.stake * likely if found.hold or unclear else 0.0) - _MINUTE
    if worth <= 0 or (accepted and not found.disagreement):
        return None
    return Wanted(
        id=review_id(j.text.id, j.questions.name, q.id), reading=j.text.id, subject=j.text.subject, digest=j.text.digest,
        task=j.questions.task, question=q.id, tier=found.tier, probs={k: round(p, 4) for k, p in found.probs.items()},
        evidence=[[s.start, s.end] for s in found.evidence],
        flags=sorted({*found.flags} | ({"unclear_who"} if unclear else set())),
        disagreement=found.disagreement, value=round(worth, 4), at=j.text.fact.at,
    )  # fmt: skip


def review_id(reading: UUID, task: str, question: str) -> UUID:
    """The id of a question about a text."""
    return content_id("review", str(reading), task, question)


async def texts_for(tx: Tx, readings: Sequence[Reading]) -> dict[UUID, Text]:
    """The texts of these readings, where they still stand."""
    subjects = await tables.load_subjects(tx, {r.subject for r in readings})
    wanted = {r.id for r in readings}
    return {t.id: t for s in subjects.values() for t in texts_of(s) if t.id in wanted}


async def known_of(tx: Tx, texts: Iterable[Text]) -> dict[UUID, Kept]:
    """What is logged about these texts."""
    return await answer_tables.load(tx, {t.digest: t.item.text for t in texts})


async def named_of(tx: Tx, texts: Sequence[Text]) -> dict[UUID, dict[int, str]]:
    """The known names in each text (by reading id)."""
    candidates = await mention_tables.candidates_of(tx, texts)
    return {t.id: named_in(t.item, candidates[t.subject]) for t in texts}


def due_again(tries: int, now: datetime) -> datetime:
    """When a text is tried again after a failure: half a minute, doubling up to a quarter of an hour."""
    return now + timedelta(seconds=min(900.0, 30.0 * 2 ** min(tries, 6)))
