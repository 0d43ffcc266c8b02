"""Claim: looking at a referral with all that lies around it, findings and case written, takes at most 100 ms.

    python -m benchmarks.fraud_look [REFERRALS]

An embedded PostgreSQL on a data folder that is thrown away; referrals by a tenth as many advocates (some of them hubs), a device
each, offices that share a network, and one operator of thirty accounts who shares a payee and a phone. What is timed is
`outcomes.fraud.look` in its own transaction, over ordinary referrals and over the operator's.
"""

import asyncio
import json
import random
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from benchmarks.machine import facts
from honeyguide import outcomes, programs
from honeyguide.core.ids import content_id
from honeyguide.core.terms import CanonicalEvent, Identifier, RecordRef
from honeyguide.db import Database, Tx, create_workspace
from honeyguide.db.embedded import Cluster
from honeyguide.db.migrate import migrate
from honeyguide.identity import step as identify
from honeyguide.outcomes import fraud

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MOST_MS, LOOKS, ACCOUNTS = 100.0, 100, 30
RESULT = Path(__file__).parent / "results" / "fraud_look.json"


async def _advocate(tx: Tx, n: int, program: programs.Program, group: programs.Group) -> programs.Link:
    email = f"ana{n}@customer{n // 5}.example"
    ref = RecordRef("persona", "crm", f"a{n}", (Identifier("email", email),), {"email": email, "name": f"Ana Abel{n}"})
    event = CanonicalEvent(
        event_id=content_id("bench", str(n)), workspace_id=0, source_id=1, source="crm", message_id=str(n), kind="persona.identified",
        name="", at=AT, received_at=AT, ref=f"CRM {n}", person=ref, company=None, props={},
    )  # fmt: skip
    await identify(tx, [event])
    advocate, _ = await programs.ensure_advocate(tx, ref.id, f"Ana Abel{n}", email, program, group)
    await fraud.mark(tx, "advocate", advocate.id, "network", f"office {n // 5}", AT)
    await fraud.mark(tx, "advocate", advocate.id, "device", f"own {n}", AT)
    if n < ACCOUNTS:
        await fraud.mark(tx, "advocate", advocate.id, "payee", "one account", AT)
    return await programs.ensure_link(tx, advocate)


async def _furnish(db: Database, workspace: int, size: int) -> tuple[list[UUID], list[UUID]]:
    """Ordinary referrals and the operator's."""
    lot = random.Random(1)
    async with db.tx(workspace) as tx:
        program = await programs.ensure_program(tx, "customer-referrals")
        group = (await programs.groups(tx, program.id))[0]
        links = [await _advocate(tx, n, program, group) for n in range(max(size // 10, 2 * ACCOUNTS))]
    ordinary: list[UUID] = []
    planted: list[UUID] = []
    for start in range(0, size, 200):
        async with db.tx(workspace) as tx:
            for n in range(start, min(start + 200, size)):
                chosen = min(int(lot.paretovariate(0.7)) - 1 + ACCOUNTS, len(links) - 1) if n >= 150 else n % ACCOUNTS
                link, at = links[chosen], AT + timedelta(hours=n)
                made = await outcomes.sign_up(tx, link.code, f"p{n}@firm{n}.example", f"Pia Prinz{n}", None, at)
                device = "one phone" if n < 150 and n % 3 == 0 else f"d{n}"
                await fraud.mark(tx, "friend", made.referral.id, "device", device, at)
                (planted if n < 150 else ordinary).append(made.referral.id)
    return ordinary, planted


async def _timed(db: Database, workspace: int, ids: list[UUID]) -> list[float]:
    took = []
    for ident in ids:
        began = time.perf_counter()
        async with db.tx(workspace) as tx:
            await fraud.look(tx, ident, AT + timedelta(days=400))
        took.append((time.perf_counter() - began) * 1000)
    return sorted(took)


async def _measure(dsn: str, size: int) -> dict[str, object]:
    await migrate(dsn)
    db = await Database.open(dsn, size=4)
    workspace = await create_workspace(db, "bench", "Bench")
    ordinary, planted = await _furnish(db, workspace, size)
    async with db.admin() as owner:
        await owner.execute("analyze")
    lot, found = random.Random(2), {}
    for title, ids in (("ordinary", ordinary), ("of one operator", planted)):
        took = await _timed(db, workspace, lot.sample(ids, min(LOOKS, len(ids))))
        median, p95 = statistics.median(took), took[int(len(took) * 0.95)]
        found[title] = {"median_ms": round(median, 1), "p95_ms": round(p95, 1), "most_ms": round(took[-1], 1)}
        print(f"{title:<18} median {median:6.1f} ms   p95 {p95:6.1f} ms   most {took[-1]:6.1f} ms", flush=True)
    await db.close()
    return {"referrals": size, "looks": found, "holds": all(v["p95_ms"] <= MOST_MS for v in found.values())}


def main() -> None:
    """Measure, print and keep."""
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 3_000
    with tempfile.TemporaryDirectory(prefix="hg-fraud-") as folder:
        Path(folder).chmod(0o755)
        cluster = Cluster(Path(folder), "auto")
        cluster.start()
        try:
            result = asyncio.run(_measure(cluster.dsn, size))
        finally:
            cluster.kill()
    RESULT.write_text(json.dumps({**result, "machine": facts()}, indent=2) + "\n")
    print("holds" if result["holds"] else "does not hold")


if __name__ == "__main__":
    main()
