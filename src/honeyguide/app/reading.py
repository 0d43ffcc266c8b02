"""Reading texts by the tiers that take time: outside any transaction, in order, within the budget.

Three steps: claim texts; ask the cascade; log the answers and judge the subjects anew, in one transaction that holds the
road's lease, so that the road and the reader never judge one subject against each other's half. A reader that dies
loses nothing: its texts come up again.
"""

import asyncio
import contextlib
import logging
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from msgspec import structs

from honeyguide import moments
from honeyguide.app.road import ROAD
from honeyguide.app.tiers import Tiers
from honeyguide.core import clock
from honeyguide.core.errors import Unavailable
from honeyguide.db import Database, Tx, cursors
from honeyguide.identity import IdentityChanges
from honeyguide.inference import answer_tables, gate, reading_tables, readings, spend_tables
from honeyguide.inference.answer_tables import Given, Kept
from honeyguide.inference.budget import DailyPurse, today, total
from honeyguide.inference.cascade import UNANSWERED, Calibration, Cascade, Considered, Outages
from honeyguide.inference.contract import Answer, Provider
from honeyguide.inference.curves import Curves
from honeyguide.inference.port import Tier
from honeyguide.inference.question_sets import asked_of, joint, shipped
from honeyguide.inference.reading_tables import Reading
from honeyguide.inference.texts import Text

_log = logging.getLogger(__name__)
BATCH = 32
_LEASE = timedelta(minutes=15)  # how long a claim holds; a batch of a slow local model takes minutes
_IDLE_S = 1.0
_RESTS_AFTER_S = 300.0  # with nothing to read for so long the embedding model's memory is given back
_FRESH = timedelta(minutes=1)
_MOST_TRIES = 3
_HURRY = 300  # texts waiting, from which on the local model, a hundred times slower than the rest, has to wait
_ANEW = 200  # texts of one kind that are queued again at a time when versions or tiers have changed
_NOBODY = IdentityChanges({}, {}, {}, set())


async def cascade_of(
    db: Database,
    workspace_id: int,
    providers: Mapping[Tier, Provider],
    *,
    calibration: Calibration | None = None,
    outages: Outages | None = None,
) -> Cascade:
    """The cascade of a workspace: its budget, and curves from what people have decided in it."""
    async with db.tx(workspace_id) as tx:
        rows = await answer_tables.tallies(tx)
    curves = Curves.of((r["tier"], r["bucket"], r["right_one"], r["n"]) for r in rows)
    return Cascade(
        providers, calibration=calibration, curves=curves, purse=DailyPurse(db, workspace_id), outages=outages
    )


async def read_due(
    db: Database, workspace_id: int, cascade: Cascade, limit: int = BATCH, *, refill: bool = True
) -> int:
    """Read the next texts that are due. Returns how many were settled or put off (0: there is nothing to do now).

    `refill`: with nothing due, queue again what was read otherwise than this cascade would.
    """
    now = clock.now()
    async with db.tx(workspace_id) as tx:
        taken = await reading_tables.take(tx, limit, now, now + _LEASE)
        if not taken:
            return await _refill(tx, cascade) if refill else 0
        texts = await readings.texts_for(tx, taken)
        kept = await readings.known_of(tx, list(texts.values()))
        names = await readings.named_of(tx, list(texts.values()))
    considered = await _considered(cascade, taken, texts, kept, names)
    async with db.tx(workspace_id) as tx:
        await cursors.lease(tx, ROAD)
        await _commit(tx, cascade, taken, texts, considered)
    return len(taken)


async def _refill(tx: Tx, cascade: Cascade) -> int:
    """With nothing waiting: parked texts, then those that were read otherwise than they would be now."""
    moved = await reading_tables.unpark(tx, reading_tables.MOST_WAITING // 4)
    if moved:
        return moved
    for kind in sorted({k for s in shipped().values() for k in s.reads} - {"title"}):
        moved += await reading_tables.ask_anew(tx, kind, cascade.asked(kind), _ANEW)
    return moved


async def _considered(
    cascade: Cascade, taken: Sequence[Reading], texts: Mapping[UUID, Text], kept: Mapping[UUID, Kept],
    names: Mapping[UUID, dict[int, str]],
) -> dict[UUID, Considered]:  # fmt: skip
    """Ask about every text once; equal texts (one digest) are one."""
    by_kind: dict[str, dict[UUID, Text]] = defaultdict(dict)
    for one in taken:
        if (text := texts.get(one.id)) is not None:
            by_kind[text.item.kind].setdefault(text.digest, text)
    found: dict[UUID, Considered] = {}
    for kind, some in by_kind.items():
        items = [structs.replace(t.item, candidates=names[t.id]) for t in some.values()]
        answers = await cascade.consider(joint(kind), items, [_known(cascade, kind, kept.get(d)) for d in some])
        found |= dict(zip(some, answers, strict=True))
    return found


def _known(cascade: Cascade, kind: str, kept: Kept | None) -> dict[str, list[Answer]]:
    """The logged answers under the ids of the joint set; those of older versions and of rules are not among them."""
    found: dict[str, list[Answer]] = {}
    for questions in asked_of(kind):
        for q in questions.questions:
            logged = kept.answers.get((questions.task, q.id), ()) if kept else ()
            found[f"{questions.name}.{q.id}"] = [a for a in logged if a.tier != "rule" and cascade.stands(a)]
    return found


async def _commit(
    tx: Tx, cascade: Cascade, taken: Sequence[Reading], texts: Mapping[UUID, Text], found: Mapping[UUID, Considered]
) -> None:
    """Log the answers, say what is read and what waits on, judge the subjects anew."""
    now = clock.now()
    given: list[Given] = []
    waits: list[tuple[UUID, datetime, bool]] = []
    read: dict[str, list[UUID]] = defaultdict(list)
    for digest, one in found.items():
        text = next(t for t in texts.values() if t.digest == digest)
        given += _given(text, one, now, cascade.asked(text.item.kind))
    for reading in taken:
        text_of = texts.get(reading.id)
        one_of = found.get(text_of.digest) if text_of is not None else None
        if text_of is not None and one_of is not None and one_of.waits and not _hopeless(one_of, reading):
            waits.append((reading.id, _due(one_of, reading, now), one_of.failed))
        else:
            read[cascade.asked(reading.kind)].append(reading.id)
    await answer_tables.keep(tx, given)
    await _spend_of_embedding(tx, given)
    touched = {r.subject for r in taken}
    await readings.renew(tx, touched)
    for asked, ids in read.items():
        await reading_tables.settle(tx, ids, asked)
    await reading_tables.put_back(tx, waits)
    await moments.step(tx, (), _NOBODY, touched)


def _hopeless(one: Considered, reading: Reading) -> bool:
    """A model that is there and gives no usable answer time and again: the other tiers' answers stand."""
    return one.waits == UNANSWERED and reading.tries >= _MOST_TRIES


def _due(one: Considered, reading: Reading, now: datetime) -> datetime:
    """Tomorrow, when the budget is spent; soon, when somebody could not be reached."""
    if one.waits == "budget":
        midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        return midnight + timedelta(days=1)
    return one.until or readings.due_again(reading.tries, now)


def _given(text: Text, one: Considered, now: datetime, asked: str) -> list[Given]:
    """The fresh answers as they are logged. While a text waits, its rules are not: it is not done with."""
    tasks = {s.name: s.task for s in asked_of(text.item.kind)}
    out = []
    for answer, before in one.fresh:
        name, _, question = answer.question.partition(".")
        if not (one.waits and answer.tier == "rule"):
            out.append(Given(text.digest, tasks[name], structs.replace(answer, question=question), now, asked, before))
    return out


async def _spend_of_embedding(tx: Tx, given: Sequence[Given]) -> None:
    """The cheap tiers need no leave, but what they cost is in the ledger, too."""
    by_provider: dict[tuple[str, Tier], list[Given]] = defaultdict(list)
    for one in given:
        if one.answer.tier in ("embedding", "statistic"):
            by_provider[one.answer.provider, one.answer.tier].append(one)
    for (provider, tier), some in sorted(by_provider.items()):
        items = len({g.digest for g in some})
        await spend_tables.add(tx, today(), provider, tier, total([g.answer.usage for g in some]), calls=1, items=items)


class Reader:
    """Reads for every workspace until told to stop, and lets heads learn when there is nothing to read."""

    def __init__(self, db: Database, tiers: Tiers) -> None:
        self._db, self._tiers = db, tiers
        self._outages = Outages()
        self._cascades: dict[int, tuple[datetime, Cascade, Cascade | None]] = {}
        self._stop = asyncio.Event()

    def stop(self) -> None:
        """Finish the batch and end."""
        self._stop.set()

    async def run(self) -> None:
        """Read until `stop`. A failure is logged and tried again; one workspace's never ends it for the others."""
        last = time.monotonic()
        while not self._stop.is_set():
            moved = 0
            try:
                for workspace_id in await self._db.workspaces():
                    if not self._stop.is_set():
                        moved += await self._once(workspace_id)
            except Unavailable as e:
                _log.warning("%s", e.sentence())
                moved = 0
            except Exception:  # noqa: BLE001  # a defect with one text must not end the reading of the others
                _log.exception("reading failed")
                moved = 0
            if moved:
                last = time.monotonic()
                continue
            if time.monotonic() - last > _RESTS_AFTER_S:
                self._tiers.rest()
                last = time.monotonic()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), _IDLE_S)

    async def _once(self, workspace_id: int) -> int:
        if workspace_id not in self._cascades:  # what no text asks for is not loaded
            async with self._db.tx(workspace_id) as tx:
                if not await reading_tables.any_text(tx):
                    return 0
        fresh, cascade, quick = await self._cascade(workspace_id)
        if quick is not None and await self._many_wait(workspace_id):
            # The rest is queued again in the last lane once nothing else waits, newest first.
            return await read_due(self._db, workspace_id, quick, refill=False)
        moved = await read_due(self._db, workspace_id, cascade)
        if not moved and fresh and self._tiers.embedder is not None:
            return await gate.retrain_due(self._db, workspace_id, self._tiers.embedder)
        return moved

    async def _many_wait(self, workspace_id: int) -> bool:
        async with self._db.tx(workspace_id) as tx:
            return await reading_tables.due_more_than(tx, _HURRY, clock.now())

    async def _cascade(self, workspace_id: int) -> tuple[bool, Cascade, Cascade | None]:
        """Whether it was made just now, the workspace's cascade, and the same without the local model (None: it has none).

        Tiers, heads and what people decided since are taken in once a minute.
        """
        known = self._cascades.get(workspace_id)
        if known is not None and clock.now() - known[0] <= _FRESH:
            return False, known[1], known[2]
        async with self._db.tx(workspace_id) as tx:
            providers = await self._tiers.of(tx)
        cascade, quick = await cascade_of(self._db, workspace_id, providers, outages=self._outages), None
        if "local_model" in providers:
            rest: dict[Tier, Provider] = {**providers}
            del rest["local_model"]
            quick = await cascade_of(self._db, workspace_id, rest, outages=self._outages)
        self._cascades[workspace_id] = (clock.now(), cascade, quick)
        return True, cascade, quick
