"""The words of an ask that waits: composed anew with its slots, what is personal in them, and how the company speaks."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from honeyguide.core import clock
from honeyguide.core.errors import BadInput, Conflict, NotFound
from honeyguide.db import Tx, audit, change_settings, workspace
from honeyguide.decisions import reading, tables
from honeyguide.decisions.messages import Brand, Draft, Phrase, compose, disclosure, law_of, phrase_tables
from honeyguide.decisions.situation import Action
from honeyguide.decisions.tables import AskRow

_SETTING = "brand"
_MOST_WORDS, _NOTE = 200, 1_000


class Personal(Struct, frozen=True):
    """What an ask's message says about the person, and the sentence the law asks for with the law's name."""

    phrases: list[Phrase]
    disclosure: str
    law: str


async def phrases_of(tx: Tx, ask_id: UUID) -> Personal:
    """The personal phrases of an ask, each with its evidence. Raises NotFound."""
    row, action = await _ask(tx, ask_id)
    country = await tx.value(
        "select n.props->>'country' from record r join node n on n.workspace_id = r.workspace_id and n.id = r.entity_id "
        "where r.workspace_id = $1 and r.id = $2",
        tx.workspace_id, row.company_record_id,
    )  # fmt: skip
    said = disclosure(action.incentive)
    return Personal(await phrase_tables.of_ask(tx, ask_id), said, law_of(str(country or "")) if said else "")


async def drafted(tx: Tx, ask_id: UUID, now: datetime | None = None) -> Draft:
    """The message of an ask that waits for a person, composed anew. Raises NotFound, Conflict when there is none to write."""
    row, action = await _ask(tx, ask_id)
    if row.state != "suggested":
        raise Conflict(f"This ask is already {row.state}.", "Only a message nobody approved yet can get other words.")
    terms = await reading.terms_in_force(tx)
    found = await reading.situations(tx, [row.moment_id], terms, now or clock.now(), without_ask=row.id)
    if not found:
        raise Conflict("The moment of this ask no longer stands.", "What showed it was retracted.")
    written = compose(found[0], action)
    if not isinstance(written, Draft):
        raise Conflict("The message cannot be written.", written)
    return written


async def _ask(tx: Tx, ask_id: UUID) -> tuple[AskRow, Action]:
    row = await tables.ask(tx, ask_id)
    if row is None:
        raise NotFound("There is no such ask.")
    return row, await decided_action(tx, row)


async def decided_action(tx: Tx, row: AskRow) -> Action:
    """What was decided when the ask was made: its offer, tone, length and step."""
    decision = (await tables.decisions(tx, [row.decision_id]))[row.decision_id]
    best: dict[str, Any] = decision.expected["best"]
    return msgspec.convert({k: v for k, v in best.items() if k != "action"}, Action)


async def brand(tx: Tx) -> Brand:
    """How this workspace speaks."""
    return msgspec.convert((await workspace(tx)).settings.get(_SETTING, {}), Brand)


async def set_brand(tx: Tx, wanted: Brand, actor: str) -> Brand:
    """Say how this workspace speaks from now on. Audited. Raises BadInput."""
    if len(wanted.never) > _MOST_WORDS or any(not 1 <= len(w.strip()) <= 60 for w in wanted.never):
        raise BadInput(f"A brand has at most {_MOST_WORDS} words it never uses, each of 1 to 60 characters.")
    if not 0 <= wanted.exclamations <= 3 or len(wanted.note) > _NOTE:
        raise BadInput(f"A message exclaims 0 to 3 times, and the note has at most {_NOTE:,} characters.")
    await change_settings(tx, {_SETTING: msgspec.to_builtins(wanted)})
    await audit.write(tx, actor, "brand.changed", f"workspace:{tx.workspace_id}", msgspec.to_builtins(wanted))
    return wanted
