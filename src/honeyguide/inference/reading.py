"""Reading what was inferred about persons: the role each one holds now."""

from collections.abc import Collection
from datetime import datetime

from msgspec import Struct

from honeyguide.db import Tx
from honeyguide.graph.kinds import EDGE
from honeyguide.inference.titles import ROLES, level_of_role


class Role(Struct, frozen=True):
    """Seniority (executive, vp, director, manager, individual) with its level from 5 to 1, and department or None."""

    seniority: str
    level: int
    department: str | None
    confidence: float


async def roles_of(tx: Tx, personas: Collection[int], now: datetime) -> dict[int, Role]:
    """Persona entity -> the highest role it holds at `now`; persons whose titles are unclear are absent."""
    rows = await tx.rows(
        """
        select src, dst, confidence from edge
        where workspace_id = $1 and kind = $4 and src = any($2::bigint[]) and (valid_to is null or valid_to > $3)
        """,
        tx.workspace_id,
        sorted(personas),
        now,
        EDGE["holds_role"],
    )
    found: dict[int, tuple[tuple[int, float, int], Role]] = {}
    for r in rows:
        if r["dst"] not in ROLES:
            continue
        seniority, department = ROLES[r["dst"]].split("/")
        level = level_of_role(r["dst"])
        rank = (level, r["confidence"], r["dst"])
        if r["src"] not in found or rank > found[r["src"]][0]:
            named = None if department == "any" else department
            found[r["src"]] = (rank, Role(seniority, level, named, r["confidence"]))
    return {persona: role for persona, (_, role) in found.items()}
