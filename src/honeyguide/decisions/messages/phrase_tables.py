"""The table of personal phrases (ask_phrase): what an ask's message says about the person, and what each phrase rests on."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from honeyguide.db import Tx
from honeyguide.decisions.messages.draft import Phrase

OWNED = ("ask_phrase",)


async def add(tx: Tx, by_ask: Mapping[UUID, Sequence[Phrase]]) -> None:
    """Keep the phrases of new asks, in the order of the message."""
    await tx.many(
        "insert into ask_phrase (workspace_id, ask_id, position, phrase, fact, evidence, confidence) "
        "values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing",
        [
            [tx.workspace_id, ask, place, p.text, p.fact, p.evidence, p.confidence]
            for ask, said in by_ask.items()
            for place, p in enumerate(said)
        ],
    )


async def replace(tx: Tx, ask_id: UUID, said: Sequence[Phrase]) -> None:
    """The phrases of a message that was written anew."""
    await tx.run("delete from ask_phrase where workspace_id = $1 and ask_id = $2", tx.workspace_id, ask_id)
    await add(tx, {ask_id: said})


async def of_ask(tx: Tx, ask_id: UUID) -> list[Phrase]:
    """The phrases of an ask."""
    found = await tx.rows(
        "select phrase, fact, evidence, confidence from ask_phrase where workspace_id = $1 and ask_id = $2 order by position",
        tx.workspace_id, ask_id,
    )  # fmt: skip
    return [Phrase(r["phrase"], r["fact"], r["evidence"], float(r["confidence"])) for r in found]


async def forget(tx: Tx, records: Collection[int]) -> int:
    """Remove the phrases of every ask to these records: what they said is in them, and it may not name them."""
    return await tx.run(
        "delete from ask_phrase p using ask a where p.workspace_id = $1 and a.workspace_id = $1 and a.id = p.ask_id "
        "and a.record_id = any($2::bigint[])",
        tx.workspace_id, list(records),
    )  # fmt: skip
