"""The panel: who sits on it, how good each was, where each has a say, and what each said about one ask."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query

from honeyguide.core import clock
from honeyguide.core.errors import NotFound
from honeyguide.db import Tx
from honeyguide.decisions import consult, gating, hearing, panel, seats
from honeyguide.learning import track as records
from honeyguide.learning.track import Track
from honeyguide.programs.journey import Segment, Stage
from honeyguide.web.auth import Principal, needs
from honeyguide.web.paging import CSV_ANSWER, Listed, Page, paging
from honeyguide.web.shapes import Evidence, In, Out, evidence

router = APIRouter()
Name = Annotated[str, Path(pattern="^[a-z][a-z0-9_-]{1,39}$", description="The expert's name.")]


class TrackOut(Out):
    """How an expert did in a segment and stage (empty: everywhere). Numbers per decision, in referrals; null: not known.

    `lift` never stands without its interval, which holds however often one looks; `refused` says why there is none.
    """

    segment: str
    stage: str
    day: date
    opinions: int
    forecasts: int
    brier: float | None
    dissents: int
    regret: float | None
    lift: float | None
    lower: float | None
    upper: float | None
    effective: float
    refused: str


class SayOut(Out):
    """Where an expert decides a share of the decisions, and how much."""

    segment: str
    stage: str
    weight: float


class ExpertOut(Out):
    """A seat on the panel. `problem` says why a third party's expert was left out; `carries`: the models decide the rest."""

    name: str
    version: str
    what: str
    package: str
    problem: str
    present: bool
    carries: bool
    says: list[SayOut]
    track: TrackOut | None


class ExpertsOut(Listed[ExpertOut]):
    """The panel, and whether a language model may be asked."""

    language_allowed: bool


class ChallengerIn(In):
    """Let an expert decide a share of one segment and stage, or withdraw it."""

    segment: Segment
    stage: Stage
    on: bool


class ConsentIn(In):
    """May briefings (closed words, counts, lines of the playbook; no person) go to the hosted model?"""

    allowed: bool


class ConsentOut(Out):
    """What holds now."""

    allowed: bool


class OpinionOut(Out):
    """What an expert said about a decision. `dissents`: it would rather have done something else than the panel."""

    expert: str
    version: str
    weight: float
    favourite: str
    favourite_label: str
    probability: float
    chance: float | None
    dissents: bool
    reason: str
    evidence: list[Evidence]
    dropped: list[str]


class OpinionsOut(Out):
    """Every opinion about the decision behind an ask, the panel's own distribution beside them."""

    leans: str
    leans_label: str
    opinions: list[OpinionOut]


def _track(found: Track) -> TrackOut:
    return TrackOut(**{n: getattr(found, n) for n in TrackOut.model_fields})


@router.get("/api/experts", response_model=ExpertsOut, responses=CSV_ANSWER)
async def experts(
    who: Annotated[Principal, needs("measures.read")],
    page: Annotated[Page, Depends(paging)],
    named: Annotated[bool, Query(description="Only those that have a say somewhere.")] = False,
) -> Any:
    """Everybody on the panel: the built-in ones and those of other packages, each with its record."""
    after = page.key(tuple[int])
    begin = after[0] if after else 0
    async with who.tx() as tx:
        allowed = await consult.language_allowed(tx)
        rows = await _rows(tx, allowed)
    shown = [r for r in rows if r.says or not named]
    place = {r.name: n for n, r in enumerate(shown, 1)}
    return page.answer(
        shown[begin : begin + page.fetch], lambda r: (place[r.name],), len(shown), "experts", language_allowed=allowed
    )


async def _rows(tx: Tx, allowed: bool) -> list[ExpertOut]:
    weights = await gating.weights(tx)
    tracks = {t.expert: t for t in await records.newest(tx) if not t.segment and not t.stage}
    says: dict[str, list[SayOut]] = {}
    for (segment, stage), held in sorted(weights.table.items()):
        for expert, weight in held.items():
            if expert != panel.SCIENCE:
                says.setdefault(expert, []).append(SayOut(segment=segment, stage=stage, weight=weight))
    return [
        ExpertOut(
            name=seat.name,
            version=seat.version,
            what=seat.what,
            package=seat.package,
            problem=seat.problem,
            present=not seat.problem and (seat.name != "language" or allowed),
            carries=seat.name == panel.SCIENCE,
            says=says.get(seat.name, []),
            track=_track(tracks[seat.name]) if seat.name in tracks else None,
        )
        for seat in (*seats.BUILT_IN, *seats.guests()[1])
    ]


@router.get("/api/experts/{name}/track", response_model=Listed[TrackOut], responses=CSV_ANSWER)
async def track(
    name: Name, who: Annotated[Principal, needs("measures.read")], page: Annotated[Page, Depends(paging)]
) -> Any:
    """An expert's record, the newest day first, per segment and stage."""
    _seated(name)
    after = page.key(tuple[date, str, str])
    async with who.tx() as tx:
        found = await records.series(tx, name, after, page.fetch)
        total = await records.count(tx, name)
    return page.answer(
        [_track(t) for t in found], lambda r: (r.day.isoformat(), r.segment, r.stage), total, f"expert-{name}"
    )


@router.put("/api/experts/{name}/challenger")
async def challenger(name: Name, given: ChallengerIn, who: Annotated[Principal, needs("autonomy.decide")]) -> ExpertOut:
    """Let an expert decide a share of one segment and stage, so that its value is measured; or withdraw it."""
    _seated(name)
    async with who.tx() as tx:
        if given.on:
            await gating.name_challenger(tx, name, given.segment, given.stage, who.actor, clock.now())
        else:
            await gating.withdraw_challenger(tx, name, given.segment, given.stage, who.actor)
        rows = await _rows(tx, await consult.language_allowed(tx))
    return next(r for r in rows if r.name == name)


@router.put("/api/experts/language/consent")
async def language_consent(given: ConsentIn, who: Annotated[Principal, needs("inference.consent")]) -> ConsentOut:
    """Let the language expert be asked, or stop it. An owner decides, and it is in the audit."""
    async with who.tx() as tx:
        await consult.allow_language(tx, given.allowed, who.actor)
    return ConsentOut(allowed=given.allowed)


@router.get("/api/asks/{ask_id}/opinions")
async def opinions(ask_id: UUID, who: Annotated[Principal, needs("queue.read")]) -> OpinionsOut:
    """What every expert said about the decision behind an ask; dissent included."""
    async with who.tx() as tx:
        found = await hearing.logged_of_ask(tx, ask_id)
    if found is None:
        raise NotFound("There is no such ask.")
    labels = {a["action"]: f"{a.get('label') or a['action']}" for a in found["legal_actions"]}
    mixed: dict[str, float] = found["distribution"]
    leans = max(mixed, key=lambda key: mixed[key])
    said, weights = panel.from_log(found["context"].get("experts") or [], list(mixed))
    apart = {d.expert for d in panel.dissent(said, mixed)}
    return OpinionsOut(
        leans=leans,
        leans_label=labels.get(leans, leans),
        opinions=[
            OpinionOut(
                expert=o.expert,
                version=o.version,
                weight=weights.get(o.expert, 0.0),
                favourite=o.favourite,
                favourite_label=labels.get(o.favourite, o.favourite),
                probability=o.distribution[o.favourite],
                chance=o.chance,
                dissents=o.expert in apart,
                reason=o.reason,
                evidence=[evidence(e) for e in o.evidence],
                dropped=list(o.dropped),
            )
            for o in said
        ],
    )


def _seated(name: str) -> None:
    if name not in {s.name for s in (*seats.BUILT_IN, *seats.guests()[1]) if not s.problem}:
        raise NotFound("There is no such expert.", f"On the panel: {', '.join(s.name for s in seats.BUILT_IN)}.")
