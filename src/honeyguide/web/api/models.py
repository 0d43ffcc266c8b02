"""The models of this installation: which are ready, which are being fetched, and what works without."""

import asyncio
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from pydantic import Field

from honeyguide.inference import consent
from honeyguide.inference.models.standing import Standing, standing
from honeyguide.inference.models.store import Store
from honeyguide.inference.question_sets import KINDS
from honeyguide.web.auth import Principal, needs
from honeyguide.web.shapes import In, Out

router = APIRouter()


class ModelOut(Out):
    """One model. `progress` is 0 to 1 while it is fetched; `works_without` what still works as long as it is not ready."""

    name: str
    state: Literal["ready", "fetching", "absent", "declined", "failing"]
    progress: float | None
    problem: str
    works_without: str


class HostedOut(ModelOut):
    """The hosted model, and the kinds of text this workspace lets leave for it."""

    allowed: list[str]


class ModelsOut(Out):
    """The three readers beyond rules."""

    embedding: ModelOut
    local: ModelOut
    hosted: HostedOut


class KindsIn(In):
    """Kinds of text: ticket, rating, note, mail, survey, title."""

    kinds: Annotated[list[Annotated[str, Field(max_length=40)]], Field(max_length=20)]


class KindsOut(Out):
    """The kinds that may leave, and all there are."""

    allowed: list[str]
    kinds: list[str]


@router.get("/api/inference/models")
async def models(request: Request, who: Annotated[Principal, needs("measures.read")]) -> ModelsOut:
    """How the embedding model, the local language model and the hosted model stand."""
    settings = request.app.state.settings
    found = await asyncio.to_thread(standing, settings, Store(settings.models))
    async with request.app.state.db.tx(who.workspace_id) as tx:
        allowed = sorted(await consent.hosted_kinds(tx))
    return ModelsOut(
        embedding=ModelOut(**_fields(found["embedding"])), local=ModelOut(**_fields(found["local"])),
        hosted=HostedOut(**_fields(found["hosted"]), allowed=allowed),
    )  # fmt: skip


@router.put("/api/inference/consent")
async def set_consent(given: KindsIn, who: Annotated[Principal, needs("inference.consent")]) -> KindsOut:
    """Let exactly these kinds of text leave for a hosted model; an empty list lets none. An owner decides, and it is in the audit."""
    async with who.tx() as tx:
        return KindsOut(allowed=sorted(await consent.allow_hosted(tx, given.kinds, who.actor)), kinds=sorted(KINDS))


def _fields(one: Standing) -> dict[str, Any]:
    return {
        "name": one.name, "state": one.state, "progress": one.progress, "problem": one.problem,
        "works_without": one.works_without,
    }  # fmt: skip
