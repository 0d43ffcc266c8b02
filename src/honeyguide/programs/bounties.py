"""Acts of advocacy: asked for as bounties, handed in with a proof, looked at by a person. `outcomes.acts` rewards them."""

from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

from msgspec import structs

from honeyguide.core.errors import BadInput, Conflict, Forbidden, NotFound
from honeyguide.core.ids import content_id
from honeyguide.db import Tx, audit
from honeyguide.programs import partner_tables, tables
from honeyguide.programs.partner_tables import Submission as Submission
from honeyguide.programs.rules import Bounty
from honeyguide.programs.terms import Advocate, Program
from honeyguide.programs.versions import same_person, terms_at

__all__ = ["Submission", "advocate_of", "open_bounties", "review", "submission", "submit"]
_MOST_PROOF = 4_000


async def open_bounties(tx: Tx, program: Program, at: datetime) -> list[Bounty]:
    """What is asked for now."""
    return list((await terms_at(tx, program.id, at)).file.bounties) if program.state == "live" else []


async def submit(tx: Tx, program: Program, slug: str, advocate: Advocate, proof: str, at: datetime) -> Submission:
    """Hand in an act with its proof. The same proof again is the same submission.

    Raises NotFound for a bounty there is not, BadInput for a proof that is none, Conflict when it was done often enough
    (one that was rejected does not count) or the advocate has not accepted the terms.
    """
    bounty = next((b for b in await open_bounties(tx, program, at) if b.slug == slug), None)
    if bounty is None or advocate.program_id != program.id:
        raise NotFound(f"There is no bounty {slug!r} in this program.")
    if advocate.terms_accepted_at is None:
        raise Conflict("The terms of the program are not accepted yet.", advice="Accept them on your page first.")
    shown = _proof(bounty, proof)
    await partner_tables.lock(tx, f"bounty {program.id} {slug}")
    known = await partner_tables.submissions_of(tx, program.id, slug)
    mine = [s for s in known if s.advocate_id == advocate.id]
    same = next((s for s in mine if s.state != "rejected" and s.proof == shown and shown), None)
    if same is not None:
        return same
    if any(s.proof == shown and s.state != "rejected" for s in known if shown and bounty.proof == "link"):
        raise Conflict("Somebody else has handed in the same link.")
    _often_enough(bounty, [s for s in known if s.state != "rejected"], advocate.id)
    number = max((s.number for s in mine), default=0) + 1
    ident = content_id("submission", str(tx.workspace_id), str(program.id), slug, str(advocate.id), str(number))
    made = Submission(ident, program.id, slug, advocate.id, number, shown, "waiting", "", "", at, None)
    await partner_tables.add_submission(tx, made)
    await audit.write(tx, f"advocate:{advocate.id}", "bounty.submitted", f"submission:{ident}", {"bounty": slug})
    return made


def _often_enough(bounty: Bounty, standing: list[Submission], advocate_id: UUID) -> None:
    if sum(s.advocate_id == advocate_id for s in standing) >= bounty.per_advocate:
        raise Conflict(
            f'"{bounty.name}" was handed in as often as it is rewarded.', f"That is {bounty.per_advocate} times."
        )
    if bounty.total is not None and len(standing) >= bounty.total:
        raise Conflict(
            f'"{bounty.name}" was done often enough by others.', f"It was asked for {bounty.total} times in all."
        )


def _proof(bounty: Bounty, proof: str) -> str:
    shown = proof.strip()
    if len(shown) > _MOST_PROOF:
        raise BadInput("The proof is too long.", f"It has at most {_MOST_PROOF:,} characters.")
    if bounty.proof == "none":
        return shown
    if not shown:
        raise BadInput("A proof is needed.", "A link to it." if bounty.proof == "link" else "A few words about it.")
    if bounty.proof == "link":
        parts = urlsplit(shown)
        if (
            parts.scheme not in ("https", "http")
            or not parts.hostname
            or parts.username
            or any(c.isspace() for c in shown)
        ):
            raise BadInput("The proof is not a link.", "It begins with https:// and names a page.")
    return shown


async def review(tx: Tx, ident: UUID, state: str, reason: str, actor: str, at: datetime) -> tuple[Submission, bool]:
    """Say yes or no to a submission that waits, and whether this changed anything. A no needs a reason.

    Raises Forbidden for the advocate themselves, BadInput, Conflict when it was decided otherwise, NotFound.
    """
    found = await partner_tables.submission(tx, ident, lock=True)
    if found is None:
        raise NotFound("There is no such submission.")
    if state not in ("approved", "rejected"):
        raise BadInput("A submission is approved or rejected.")
    if found.state == state:
        return found, False
    if found.state != "waiting":
        raise Conflict(f"The submission was {found.state} already.", f"By {found.decided_by}.")
    advocate = await tables.advocate(tx, found.advocate_id)
    if same_person(actor, advocate.email):
        raise Forbidden("You cannot decide about this submission.", "It is yours: another person does.")
    if state == "rejected" and not reason.strip():
        raise BadInput("A no needs a reason.", "The advocate will read it.")
    await partner_tables.decide_submission(tx, ident, state, reason.strip(), actor, at)
    await audit.write(tx, actor, f"bounty.{state}", f"submission:{ident}", {"reason": reason.strip()})
    return structs.replace(found, state=state, reason=reason.strip(), decided_by=actor, decided_at=at), True


async def submission(tx: Tx, ident: UUID) -> Submission:
    """One submission. Raises NotFound."""
    found = await partner_tables.submission(tx, ident)
    if found is None:
        raise NotFound("There is no such submission.")
    return found


async def advocate_of(tx: Tx, ident: UUID) -> UUID:
    """Whose submission it is. Raises NotFound."""
    return (await submission(tx, ident)).advocate_id
