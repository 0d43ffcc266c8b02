"""Erasing what rests on somebody's words: readings, answers, labels, questions for people, names (C16)."""

from collections.abc import Collection
from uuid import UUID

from honeyguide.db import Tx
from honeyguide.inference import label_tables, reading_tables


async def digests_of(tx: Tx, records: Collection[int]) -> set[UUID]:
    """The texts these records wrote or are kept with."""
    return await reading_tables.digests_of(tx, (), records)


async def forget(tx: Tx, events: Collection[UUID], records: Collection[int]) -> int:
    """Remove everything that rests on the texts of these events or records; how many texts.

    The log keeps no words, but what was found in them is theirs, too. Equal words of somebody else are simply read again.
    """
    digests = await reading_tables.digests_of(tx, events, records)
    if digests:
        await label_tables.forget(tx, digests)
        await reading_tables.forget(tx, digests)
    return len(digests)
