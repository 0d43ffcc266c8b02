"""A workspace's own models: versions, the one in use, and what was learnt from answers."""

from datetime import datetime

import msgspec
from msgspec import Struct

from honeyguide.db import Tx
from honeyguide.identity.background import proposal_rows
from honeyguide.identity.background.labels import calibrate
from honeyguide.identity.background.model import Model, shipped
from honeyguide.identity.background.thresholds import ACCEPT


class InUse(Struct, frozen=True):
    """The model a workspace uses: version 0 is the shipped one."""

    model: Model
    version: int
    accept: float
    note: str


async def in_use(tx: Tx, kind: str) -> InUse:
    """The newest version of this workspace, or the shipped weights."""
    row = await tx.row(
        "select version, model, accept, note from identity_model where workspace_id = $1 and kind = $2 order by version desc limit 1",
        tx.workspace_id, kind,
    )  # fmt: skip
    if row is None:
        return InUse(shipped(kind), 0, ACCEPT[kind], "shipped")
    return InUse(msgspec.convert(row["model"], Model), row["version"], row["accept"], row["note"])


async def keep(tx: Tx, kind: str, model: Model, accept: float, note: str, at: datetime) -> InUse:
    """Store a next version and use it."""
    version = (await in_use(tx, kind)).version + 1
    model = msgspec.structs.replace(model, version=str(version))
    await tx.run(
        "insert into identity_model (workspace_id, kind, version, model, accept, note, at) values ($1, $2, $3, $4, $5, $6, $7)",
        tx.workspace_id, kind, version, msgspec.to_builtins(model), accept, note, at,
    )  # fmt: skip
    return InUse(model, version, accept, note)


async def learn_from_answers(tx: Tx, kind: str, at: datetime) -> InUse | None:
    """Move the line by what people answered, when the gate of `labels` lets it; the new version, or None."""
    known = await in_use(tx, kind)
    found = calibrate(await proposal_rows.labels(tx, kind), known.accept)
    if found is None:
        return None
    note = (
        f"line moved from {known.accept:.4f} to {found.accept:.4f} by {found.answers} answers "
        f"(log loss held out {found.loss_before:.3f} to {found.loss_after:.3f})"
    )
    return await keep(tx, kind, known.model, found.accept, note, at)
