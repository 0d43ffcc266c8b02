"""Open moments become decisions, and decisions become asks that wait for a person."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from msgspec import structs, to_builtins

from honeyguide import programs
from honeyguide.core import clock
from honeyguide.core.errors import Conflict
from honeyguide.core.ids import content_id
from honeyguide.db import Tx
from honeyguide.decisions import reading, tables
from honeyguide.decisions.guardrails import LOOK_BACK
from honeyguide.decisions.holdout import HOLDOUT
from honeyguide.decisions.judge import Judged, judge
from honeyguide.decisions.messages import phrase_tables
from honeyguide.decisions.policy import NewPolicy, Policy, check, code_hash, playbook_prior
from honeyguide.decisions.situation import WAITING, Action, Situation
from honeyguide.decisions.tables import AskRow, DecisionRow

LOOK_AGAIN = timedelta(minutes=10)


async def decide(tx: Tx, now: datetime, limit: int = 500) -> int:
    """Decide about open moments that have no decision, and again about those whose obstacles have changed.

    Writes one decision per moment (and per later look) and one suggested ask per decision that asks. Returns how many
    decisions were written; 0 means that nothing has changed.
    """
    since = now - LOOK_BACK
    fresh = await tables.undecided(tx, now, since, limit)
    ids = fresh or await tables.stuck(tx, now, since, now - LOOK_AGAIN, limit)
    if not ids:
        return 0
    await tables.lock_deciding(tx)
    terms = await reading.terms_in_force(tx)
    policy = await ensure_policy(tx)
    found = await reading.situations(tx, ids, terms, now)
    judged = [j for j in judge_all(found, policy) if is_news(j)]
    added = await tables.add_decisions(tx, [decision_row(j, policy, now) for j in judged])
    asks = [made for j in judged if j.id in added and (made := ask_row(j, now)) is not None]
    await tables.add_asks(tx, asks)
    said = {content_id("ask", str(j.id)): j.message.phrases for j in judged if j.message is not None}
    await phrase_tables.add(tx, {a.id: said[a.id] for a in asks if said[a.id]})
    return len(added)


async def ensure_policy(tx: Tx) -> Policy:
    """The policy in force; a new version of it when the code that decides has changed since it was adopted."""
    current = await tables.current_policy(tx)
    if current is None:
        return await tables.add_policy(tx, playbook_prior("customer-referrals"), None, clock.now())
    if current.code_hash == code_hash():
        return current
    same = NewPolicy(current.kind, current.params, "release", current.level)
    return await tables.add_policy(tx, same, current.id, clock.now())


async def begin(tx: Tx, *, holdout_bp: int) -> Policy:
    """The first policy of a workspace that has decided nothing yet, with a holdout of its own size (in basis points).

    Raises Conflict once there is a policy: who was held out stays held out. Raises BadInput on a size out of bounds.
    """
    await tables.lock_deciding(tx)
    if await tables.current_policy(tx) is not None:
        raise Conflict("This workspace has a policy already.", "The holdout keeps the size it began with.")
    first = playbook_prior("customer-referrals")
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
    if (current.kind, current.params, current.level) == (policy.kind, params, policy.level):
        return current
    return await tables.add_policy(tx, structs.replace(policy, params=params), current.id, clock.now())


def judge_all(found: Iterable[Situation], policy: Policy) -> list[Judged]:
    """Judge situations of one batch, the most promising first, so that each sees the asks made just before it.

    A person gets at most one open ask and a company at most one: the best of the batch.
    """
    playbook = programs.load(policy.params.library).playbook
    first = [judge(s, policy, playbook) for s in found]
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
            last = judge(structs.replace(one.situation, contacts=contacts), policy, playbook)
        done.append(last)
        if last.asks and person:
            taken_people.add(person.id)
            if firm:
                taken_firms[firm.id] = person.name or "somebody"
    return done


def is_news(judged: Judged) -> bool:
    """Is this a first decision, or does a later look see other obstacles than the one before?"""
    situation = judged.situation
    return situation.looks == 0 or judged.blocked != situation.last_blocked


def decision_row(judged: Judged, policy: Policy, now: datetime) -> DecisionRow:
    """The decision as it is logged. `stage` is where the person stands: asked before or not."""
    situation = judged.situation
    person, firm = situation.person, situation.firm
    return DecisionRow(
        id=judged.id,
        at=now,
        moment_id=situation.moment.id,
        look=judged.look,
        record_id=person.record_id if person else firm.record_id if firm else 0,
        company_record_id=firm.record_id if firm else None,
        playbook_step=f"{situation.moment.kind}/{situation.group.slug}/{judged.best.tone}",
        stage="asked_before" if situation.contacts.ever else "first_ask",
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
