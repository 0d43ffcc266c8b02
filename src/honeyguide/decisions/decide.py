"""Open moments become decisions, and decisions become asks that wait for a person."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from msgspec import structs, to_builtins

from honeyguide import programs
from honeyguide.core import clock
from honeyguide.core.errors import Conflict
from honeyguide.core.ids import content_id
from honeyguide.db import Tx
from honeyguide.decisions import hearing, policy_tables, reading, science_challenger, tables
from honeyguide.decisions.guardrails import LOOK_BACK
from honeyguide.decisions.hearing import Panel
from honeyguide.decisions.holdout import HOLDOUT
from honeyguide.decisions.judge import judge, judge_many
from honeyguide.decisions.judged import THINNED, Judged
from honeyguide.decisions.messages import phrase_tables
from honeyguide.decisions.policy import BRAIN, NewPolicy, Policy, brain_prior, check, code_hash
from honeyguide.decisions.policy_tables import Look
from honeyguide.decisions.science import covers, describe
from honeyguide.decisions.science_choice import ready
from honeyguide.decisions.situation import WAIT, WAITING, Action, Situation
from honeyguide.decisions.tables import AskRow, DecisionRow

LOOK_AGAIN = timedelta(minutes=10)


async def decide(tx: Tx, now: datetime, limit: int = 500) -> int:
    """Decide about open moments that have no decision, about those that wait since yesterday, and again about those whose
    obstacles have changed.

    Writes one decision per moment (and per later look) and one suggested ask per decision that asks; of later looks that
    wait again one in twenty. Returns how many moments were looked at with a result; 0 means that nothing has changed.
    """
    since = now - LOOK_BACK
    ids = await tables.undecided(tx, now, since, limit)
    ids = ids or await policy_tables.waiting(tx, now, since, now - reading.TOMORROW, limit)
    ids = ids or await tables.stuck(tx, now, since, now - LOOK_AGAIN, limit)
    if not ids:
        return 0
    await tables.lock_deciding(tx)
    terms = await reading.terms_in_force(tx)
    policy = await ensure_policy(tx, terms)
    found = await reading.situations(tx, ids, terms, now)
    convened = await hearing.convene(tx)
    judged = [j for j in judge_all(found, policy, convened) if is_news(j)]
    rows = [decision_row(j, policy, now) for j in judged]
    kept = [r for j, r in zip(judged, rows, strict=True) if is_logged(j)]
    added = await tables.add_decisions(tx, kept)
    asks = [made for j in judged if j.id in added and (made := ask_row(j, now)) is not None]
    await tables.add_asks(tx, asks)
    said = {content_id("ask", str(j.id)): j.message.phrases for j in judged if j.message is not None}
    await phrase_tables.add(tx, {a.id: said[a.id] for a in asks if said[a.id]})
    await policy_tables.put_looks(tx, [look_of(j, now) for j in judged])
    await hearing.wonder(tx, convened, [(j.put_to, j.legal) for j in judged if j.put_to], now)
    return len(judged)


async def ensure_policy(tx: Tx, terms: reading.Terms | None = None) -> Policy:
    """The policy in force; a new version of it when the code that decides has changed since it was adopted.

    A workspace starts with the brain at its playbook's beliefs, and starts over with it when it has offers or kinds of
    moments the brain was made before: the next training finds what was learned in the log.
    """
    current = await tables.current_policy(tx)
    if current is not None:
        current = await tables.with_snapshot(tx, current)
    if current is None or current.kind == BRAIN:
        catalogue = reading.catalogue(terms or await reading.terms_in_force(tx))
        if current is None or not covers(ready(current.snapshot).schema, catalogue):
            library = current.params.library if current else "customer-referrals"
            prior = brain_prior(library, catalogue)
            if current is None:
                return await tables.add_policy(tx, prior, None, clock.now())
            params = structs.replace(prior.params, holdout_bp=current.params.holdout_bp)
            made = structs.replace(prior, params=params, adopted_by="offers", level=current.level)
            return await tables.add_policy(tx, made, current.id, clock.now())
    if current.code_hash == code_hash():
        return current
    same = NewPolicy(
        current.kind, current.params, "release", current.level, current.snapshot, current.challenger
    )  # fmt: skip
    return await tables.add_policy(tx, same, current.id, clock.now())


async def first_policy(tx: Tx, *, holdout_bp: int) -> Policy:
    """The first policy of a workspace that has decided nothing yet, with a holdout of its own size (in basis points).

    Raises Conflict once there is a policy: who was held out stays held out. Raises BadInput on a size out of bounds.
    """
    await tables.lock_deciding(tx)
    if await tables.current_policy(tx) is not None:
        raise Conflict("This workspace has a policy already.", "The holdout keeps the size it began with.")
    first = brain_prior("customer-referrals", reading.catalogue(await reading.terms_in_force(tx)))
    wanted = structs.replace(first, params=structs.replace(first.params, holdout_bp=holdout_bp))
    return await tables.add_policy(tx, check(wanted), None, clock.now())


async def adopt(tx: Tx, policy: NewPolicy) -> Policy:
    """Put a policy in force from the next decision on. Raises BadInput when it breaks the rules of `policy.check`.

    The holdout keeps its size and its salt: a policy may not ask the people who were held out.
    """
    check(policy)
    await tables.lock_deciding(tx)
    current = await ensure_policy(tx)
    params = structs.replace(policy.params, holdout_bp=current.params.holdout_bp)
    same = structs.replace(policy, params=params)
    if all(getattr(current, name) == getattr(same, name) for name in _DECIDES):
        return current
    return await tables.add_policy(tx, structs.replace(policy, params=params), current.id, clock.now())


async def erase(tx: Tx, erasure: int, records: Sequence[int]) -> int:
    """Empty the decisions about an erased person's records; what is counted stays. Returns how many were emptied.

    `erasure` is the suppression that is under way; without it the database refuses.
    """
    return await policy_tables.forget_decisions(tx, erasure, records)


async def forget_unused(tx: Tx, before: datetime) -> int:
    """Forget what versions that were retired before then would have decided from, if they never decided anything."""
    return await policy_tables.drop_unused_snapshots(tx, before)


_DECIDES = ("kind", "params", "level", "snapshot", "challenger")


def judge_all(found: Iterable[Situation], policy: Policy, convened: Panel | None = None) -> list[Judged]:
    """Judge situations of one batch, the most promising first, so that each sees the asks made just before it.

    A person gets at most one open ask and a company at most one: the best of the batch.
    """
    playbook = programs.load(policy.params.library).playbook
    first = judge_many(with_challenger(list(found), policy), policy, playbook, convened)
    order = sorted(first, key=lambda j: (-j.expected["value_minor"], -j.score.mean, str(j.situation.moment.id)))
    taken_people: set[int] = set()
    taken_firms: dict[int, str] = {}
    done = []
    for one in order:
        person, firm = one.situation.person, one.situation.firm
        contacts = one.situation.contacts
        if person and person.id in taken_people:
            contacts = structs.replace(contacts, open_ask=True)
        elif firm and firm.id in taken_firms:
            contacts = structs.replace(contacts, open_at_company=taken_firms[firm.id])
        last = one
        if contacts is not one.situation.contacts:
            last = judge(structs.replace(one.situation, contacts=contacts), policy, playbook, convened)
        done.append(last)
        if last.asks and person:
            taken_people.add(person.id)
            if firm:
                taken_firms[firm.id] = person.name or "somebody"
    return done


def with_challenger(found: list[Situation], policy: Policy) -> list[Situation]:
    """Situations with the nightly model's score."""
    if not policy.challenger:
        return found
    said = science_challenger.scores(policy.challenger, [describe(s) for s in found])
    return [structs.replace(s, challenger=x) for s, x in zip(found, said, strict=True)]


def is_news(judged: Judged) -> bool:
    """Is this a first decision, a new day's for somebody who may be asked, or one that sees other obstacles than before?"""
    return judged.situation.looks == 0 or len(judged.legal) > 1 or _sees_others(judged)


def is_logged(judged: Judged) -> bool:
    """Of later looks that only wait again one in twenty is logged, by a digest; it then stands for all twenty."""
    return not _is_thinned(judged) or judged.seed % THINNED == 0


def _is_thinned(judged: Judged) -> bool:
    again = judged.situation.looks > 0 and not _sees_others(judged)
    return again and judged.choice.action == WAIT


def _sees_others(judged: Judged) -> bool:
    return judged.blocked != judged.situation.last_blocked


def look_of(judged: Judged, now: datetime) -> Look:
    """Where the moment stands after this look."""
    outcome = "nothing" if len(judged.legal) == 1 else "waited" if judged.choice.action == WAIT else "asked"
    return Look(judged.situation.moment.id, judged.look, now, outcome)


def decision_row(judged: Judged, policy: Policy, now: datetime) -> DecisionRow:
    """The decision as it is logged. `stage` is where the customer stands on the journey."""
    situation = judged.situation
    person, firm = situation.person, situation.firm
    return DecisionRow(
        id=judged.id,
        at=now,
        moment_id=situation.moment.id,
        look=judged.look,
        record_id=person.record_id if person else firm.record_id if firm else 0,
        company_record_id=firm.record_id if firm else None,
        playbook_step=judged.best.step,
        stage=situation.stage or "unknown",
        arm=judged.arm,
        arm_cluster=situation.cluster,
        context=judged.context,
        legal_actions=[logged(a) for a in judged.legal],
        blocked=[{"action": key, "reason": why} for key, why in judged.blocked],
        distribution=judged.choice.distribution,
        action=judged.choice.action,
        propensity=judged.choice.propensity,
        policy_version=policy.id,
        seed=judged.seed,
        expected=judged.expected | {"best": logged(judged.best)},
        score=round(100 * judged.score.mean, 1),
        score_low=round(100 * judged.score.low, 1),
        score_high=round(100 * judged.score.high, 1),
        reason=judged.reason,
        weight=float(THINNED) if _is_thinned(judged) else 1.0,
        deferred=judged.deferred,
    )


def logged(action: Action) -> dict[str, object]:
    """An action as it is logged: whole, so that a replay needs no offer table."""
    made: dict[str, object] = to_builtins(action)
    return {"action": action.key} | (made if action is not WAITING else {})


def ask_row(judged: Judged, now: datetime) -> AskRow | None:
    """The suggested ask of a decision, or None when it is to wait, held out, or names nobody."""
    situation = judged.situation
    if not judged.asks or judged.message is None or situation.person is None or judged.arm == HOLDOUT:
        return None
    return AskRow(
        id=content_id("ask", str(judged.id)),
        decision_id=judged.id,
        moment_id=situation.moment.id,
        record_id=situation.person.record_id,
        company_record_id=situation.firm.record_id if situation.firm else None,
        offer_id=judged.best.offer_id,
        channel=judged.best.channel,
        subject=judged.message.subject,
        body=judged.message.body,
        state="suggested",
        score=round(100 * judged.score.mean, 1),
        score_low=round(100 * judged.score.low, 1),
        score_high=round(100 * judged.score.high, 1),
        window_ends_at=situation.moment.window_ends_at,
        created_at=now,
        decided_by=None,
        decided_at=None,
        not_now_reason=None,
        note=None,
    )
