"""Scores of personas that later stages publish for conditions of segments: persona_score.

The graph knows a score's name, its number and its word, and nothing of where they come from.
"""

from collections.abc import Collection, Mapping
from datetime import datetime

from honeyguide.db import Tx

TABLES = ("persona_score",)


async def publish_scores(tx: Tx, name: str, scores: Mapping[int, tuple[float, str]], at: datetime) -> None:
    """Store the value and the word of a score for these personas. Tell `segments_step` about them afterwards."""
    if not scores:
        return
    ordered = sorted(scores)
    await tx.run(
        "insert into persona_score (workspace_id, persona, name, value, word, at) "
        "select $1::int, n.persona, $2::text, n.value, n.word, $6::timestamptz "
        "from unnest($3::bigint[], $4::float8[], $5::text[]) as n (persona, value, word) "
        "on conflict (workspace_id, persona, name) do update set value = excluded.value, word = excluded.word, at = excluded.at",
        tx.workspace_id, name, ordered, [scores[p][0] for p in ordered], [scores[p][1] for p in ordered], at,
    )  # fmt: skip


async def withdraw_scores(tx: Tx, name: str, personas: Collection[int]) -> None:
    """Forget a score of these personas."""
    await tx.run(
        "delete from persona_score where workspace_id = $1 and name = $2 and persona = any($3::bigint[])",
        tx.workspace_id, name, sorted(personas),
    )  # fmt: skip
