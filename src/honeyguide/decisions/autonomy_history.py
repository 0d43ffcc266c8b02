"""The history of autonomy: numbered, chained by hashes, signed by the installation's key; and the check of it.

Each act is hashed together with the hash before it (SHA-256) and signed (HMAC-SHA256 by a key derived from the
installation's secret, which is not in the database). Changing, moving, leaving out or adding an act breaks the chain;
cutting off its end is seen by the audit, which names every hash too, and by a head somebody keeps elsewhere.
What a person wrote (actor, note) is bound by keyed digests: an erasure may empty the words without breaking the chain.
"""

import hashlib
import hmac
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec
from msgspec import Struct, structs

from honeyguide.db import Tx, audit
from honeyguide.decisions import autonomy_tables as tables
from honeyguide.decisions.autonomy_tables import HistoryRow as HistoryRow
from honeyguide.funnel.vault import Vault

_PURPOSE = "honeyguide-autonomy-history-1"
_START = b"\0" * 32
_PAGE = 1_000
_ERASED = re.compile(r"erased-[0-9a-f]{8}|\[erased\]")


class Seal:
    """Signs acts and knows whether a signature is one of ours."""

    def __init__(self, keys: list[bytes] | None = None, vault: Vault | None = None) -> None:
        self._known, self._vault = keys, vault

    @staticmethod
    def of(vault: Vault | None = None) -> "Seal":
        """The seal of this installation (of the environment's settings without a vault). Reads its key when it is used."""
        return Seal(None, vault)

    @property
    def _keys(self) -> list[bytes]:
        if self._known is None:
            self._known = (self._vault or Vault.of()).derived(_PURPOSE)
        return self._known

    def sign(self, what: bytes) -> bytes:
        """The signature of a hash."""
        return hmac.new(self._keys[0], what, "sha256").digest()

    def holds(self, what: bytes, signature: bytes) -> bool:
        """Did one of our keys sign this?"""
        return any(hmac.compare_digest(hmac.new(k, what, "sha256").digest(), signature) for k in self._keys)


class Verified(Struct, frozen=True):
    """What the check of a history found. `head` is the newest hash; `erased` counts acts whose words were emptied."""

    ok: bool
    acts: int
    head: str
    erased: int
    problems: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """The result in one line."""
        if not self.acts and self.ok:
            return "The history is empty: nothing has ever run alone."
        if self.ok:
            return f"The history holds: {self.acts:,} acts, each signed and bound to the one before. Head {self.head}."
        return f"The history does not hold: {self.problems[0]}"


async def append(
    tx: Tx, seal: Seal, *, kind: str, step: str, levels: tuple[int, int], actor: str, at: datetime, note: str = "",
    evidence: Mapping[str, Any] | None = None,
) -> HistoryRow:  # fmt: skip
    """Add an act. The caller holds the lock alone."""
    before = await tables.last(tx)
    seq = before.seq + 1 if before else 1
    bare = HistoryRow(
        seq=seq, at=at.astimezone(UTC), kind=kind, step=step, from_level=levels[0], to_level=levels[1],
        evidence=_plain(dict(evidence or {})), actor=actor, actor_digest=_words(seal, seq, "actor", actor), note=note,
        note_digest=_words(seal, seq, "note", note), previous=before.hash if before else _START, hash=b"", signature=b"",
    )  # fmt: skip
    made = hash_of(tx.workspace_id, bare)
    row = structs.replace(bare, hash=made, signature=seal.sign(made))
    await tables.add(tx, row)
    await audit.write(
        tx, actor, "autonomy.change", f"step:{step}" if step else "autonomy",
        {"seq": str(seq), "hash": made.hex(), "kind": kind, "from": levels[0], "to": levels[1], "note": note},
    )  # fmt: skip
    return row


async def acts(tx: Tx, step: str | None, before: int | None, limit: int) -> list[HistoryRow]:
    """Acts, the newest first, numbered below `before`; of one step when given."""
    return await tables.page(tx, step, before, limit)


async def count(tx: Tx, step: str | None) -> int:
    """How many acts there are; of one step when given."""
    return await tables.count(tx, step)


def hash_of(workspace_id: int, row: HistoryRow) -> bytes:
    """What an act and everything before it come to."""
    told = [
        workspace_id, row.seq, row.at.astimezone(UTC).isoformat(timespec="microseconds"), row.kind, row.step,
        row.from_level, row.to_level, _canonical(row.evidence), row.actor_digest.hex(), row.note_digest.hex(),
        row.previous.hex(),
    ]  # fmt: skip
    return hashlib.sha256(msgspec.json.encode(told)).digest()


def genuine(seal: Seal, workspace_id: int, row: HistoryRow) -> bool:
    """Is this act as it was signed?"""
    return hash_of(workspace_id, row) == row.hash and seal.holds(row.hash, row.signature)


async def verify(tx: Tx, seal: Seal, *, head: str = "") -> Verified:
    """Check every act: number, chain, signature, words, levels that follow from each other, the audit's witness, and
    whether everything that ran alone was allowed to. `head`: a hash kept elsewhere that must be part of the chain.
    """
    problems: list[str] = []
    standing: dict[str, int] = {}
    hashes: dict[int, str] = {}
    allowed: dict[str, list[tuple[int, int]]] = {}
    previous, seq, erased = _START, 0, 0
    while rows := await tables.history(tx, seq, _PAGE):
        for row in rows:
            problems += _wrong(tx.workspace_id, seal, row, seq, previous, standing)
            erased += _emptied(seal, row)
            if row.kind in ("up", "down"):
                standing[row.step] = row.to_level
                allowed.setdefault(row.step, []).append((row.seq, row.to_level))
            hashes[row.seq] = row.hash.hex()
            previous, seq = row.hash, row.seq
    problems += await _unwitnessed(tx, hashes)
    problems += await _unearned(tx, allowed)
    newest = hashes.get(seq, "")
    if head and head not in hashes.values():
        problems.append("the head that was kept elsewhere is not part of it; its end was cut off or rewritten.")
    return Verified(not problems, len(hashes), newest, erased, tuple(problems[:20]))


def _wrong(
    workspace_id: int, seal: Seal, row: HistoryRow, seq: int, previous: bytes, standing: Mapping[str, int]
) -> list[str]:
    found = []
    if row.seq != seq + 1:
        found.append(f"acts {seq + 1} to {row.seq - 1} are missing.")
    if row.previous != previous:
        found.append(f"act {row.seq} does not follow the one before it.")
    if not genuine(seal, workspace_id, row):
        found.append(f"act {row.seq} ({row.kind} {row.step or 'everything'}) is not as it was signed.")
    for name, text, digest in (("actor", row.actor, row.actor_digest), ("note", row.note, row.note_digest)):
        if not _bound(seal, row.seq, name, text, digest) and not _ERASED.search(text):
            found.append(f"the {name} of act {row.seq} was changed.")
    if row.kind in ("up", "down") and row.from_level != standing.get(row.step, 0):
        found.append(f"act {row.seq} starts from level {row.from_level}, which {row.step} was not at.")
    return found


def _emptied(seal: Seal, row: HistoryRow) -> bool:
    pairs = (("actor", row.actor, row.actor_digest), ("note", row.note, row.note_digest))
    return any(not _bound(seal, row.seq, n, t, d) and _ERASED.search(t) is not None for n, t, d in pairs)


async def _unwitnessed(tx: Tx, hashes: Mapping[int, str]) -> list[str]:
    told = {int(r["seq"]): r["hash"] for r in await tables.audited(tx) if r["seq"] and str(r["seq"]).isdigit()}
    found = [f"act {seq} is in the audit and not in the history, or another one is." for seq in sorted(told)
             if hashes.get(seq) != told[seq]]  # fmt: skip
    return found + [f"act {seq} is not in the audit." for seq in sorted(hashes) if seq not in told]


async def _unearned(tx: Tx, allowed: Mapping[str, list[tuple[int, int]]]) -> list[str]:
    """Releases under a level their step did not have when they were made."""
    found = []
    for one in await tables.releases(tx, (tables.RELEASED, tables.RETURNED)):
        held = [[level for seq, level in allowed.get(step, []) if seq <= one["head"]] for step in (one["step"], "*")]
        if max((levels[-1] for levels in held if levels), default=0) < one["level"]:
            found.append(f"ask {one['ask_id']} ran alone at level {one['level']}, which {one['step']} did not have.")
    return found


def _words(seal: Seal, seq: int, name: str, text: str) -> bytes:
    """A keyed digest of what a person wrote: it binds the words and cannot be guessed from outside."""
    return seal.sign(f"{name}\x1f{seq}\x1f{text}".encode())


def _bound(seal: Seal, seq: int, name: str, text: str, digest: bytes) -> bool:
    return seal.holds(f"{name}\x1f{seq}\x1f{text}".encode(), digest)


def _plain(value: Any) -> Any:
    """Evidence as JSON keeps it: no number that is none, text cut to length."""
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if isinstance(value, bool | int) or value is None else str(value)[:500]


def _canonical(value: Any) -> Any:
    """The same for equal evidence whatever jsonb made of its numbers and the order of its keys."""
    if isinstance(value, dict):
        return [[k, _canonical(value[k])] for k in sorted(value)]
    if isinstance(value, list):
        return [_canonical(v) for v in value]
    if isinstance(value, bool) or value is None:
        return value
    return format(float(value), ".12g") if isinstance(value, int | float) else value
