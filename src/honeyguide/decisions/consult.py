"""Asking the language model: noted when a decision had no answer, asked later, kept for ever, never in a decision's way.

Nothing is asked unless the workspace has agreed to it (`allow_language`), the installation has a key, and the day's
budget has room: the port the application gives keeps the last two.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from honeyguide.core.errors import TooMuch, Unavailable
from honeyguide.db import Tx, audit, change_settings, workspace
from honeyguide.decisions import expert_tables
from honeyguide.decisions.expert import Context
from honeyguide.decisions.expert_tables import StoredAnswer
from honeyguide.decisions.experts import language
from honeyguide.decisions.experts.language import Briefing, Language, Model
from honeyguide.decisions.situation import Action

_SETTING = "language_expert"
_TRIES = 3
_AGAIN = timedelta(minutes=15)


async def language_allowed(tx: Tx) -> bool:
    """May briefings (closed words, counts, lines of the playbook) leave this installation? No, until somebody says so."""
    return (await workspace(tx)).settings.get(_SETTING) is True


async def allow_language(tx: Tx, allowed: bool, actor: str) -> None:
    """Let the language expert be asked, or stop it. Audited."""
    await change_settings(tx, {_SETTING: allowed})
    await audit.write(tx, actor, "expert.consent", f"workspace:{tx.workspace_id}", {"language": allowed})


async def language_for(tx: Tx, asked: Sequence[tuple[Context, Sequence[Action]]], now: datetime) -> Language:
    """The language expert for these decisions: the answers that are known. What is not known is noted, to be asked."""
    if not await language_allowed(tx):
        return Language({})
    briefings = {
        b.question: b for context, legal in asked if len(legal) > 1 and (b := language.briefing_of(context, legal))
    }
    known = await expert_tables.answers(tx, list(briefings))
    missing = {q: msgspec.to_builtins(b) for q, b in briefings.items() if q not in known}
    await expert_tables.wonder(tx, missing, now)
    return Language(known)


async def due(tx: Tx, now: datetime, limit: int = 4) -> list[Briefing]:
    """The next questions for the model; taken, so that no other worker asks them now."""
    if not await language_allowed(tx):
        return []
    rows = await expert_tables.take_questions(tx, now, limit, now + _AGAIN)
    return [msgspec.convert(r["briefing"], Briefing) for r in rows]


async def ask(model: Model, briefings: Sequence[Briefing], now: datetime) -> tuple[list[StoredAnswer], list[Briefing]]:
    """Ask outside any transaction: the answers that may be kept, and the briefings that brought none.

    A model that cannot be reached now, or a budget that is used up, brings neither: the questions wait.
    """
    try:
        replies = await model.choose(briefings)
    except (TooMuch, Unavailable):
        return [], []
    good: list[StoredAnswer] = []
    bad: list[Briefing] = []
    for briefing, reply in zip(briefings, replies, strict=True):
        made = language.kept(briefing, reply) if reply is not None else "It gave no answer."
        if isinstance(made, str) or reply is None:
            bad.append(briefing)
            continue
        distribution, reason, evidence, dropped = made
        good.append(
            StoredAnswer(briefing.question, reply.model[:80], distribution, reason, evidence, dropped, max(0, reply.cost_micros), now)
        )  # fmt: skip
    return good, bad


async def keep(tx: Tx, good: Sequence[StoredAnswer], bad: Sequence[Briefing]) -> int:
    """Keep answers; a question without a usable one is given up after three tries. Returns how many were kept."""
    kept = [await expert_tables.keep_answer(tx, one) for one in good]
    if bad:
        await expert_tables.failed(tx, [b.question for b in bad], _TRIES)
    return sum(kept)
