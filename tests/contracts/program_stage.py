"""A program with everything routes can name: versions, a simulation, an application, an act, a registered deal."""

from datetime import datetime

from honeyguide import programs
from honeyguide.core import clock
from honeyguide.core.ids import digest
from honeyguide.db import Database, Tx
from honeyguide.learning import simulation
from honeyguide.programs import ProgramFile, bounties, partners, registrations, versions
from honeyguide.programs.catalogue import load, parse, plain


def deals_with_acts(slug: str, name: str) -> ProgramFile:
    """Deal registration that also asks for case studies."""
    source = plain(load("deal-registration"))
    acts = plain(load("advocacy"))
    source["groups"][0]["offers"].append(next(o for o in acts["groups"][0]["offers"] if o["slug"] == "credit"))
    source["groups"][0]["earns"].append({"slug": "case-study", "when": {"act": "case_study"}, "offer": "credit"})
    bounty = next(b for b in acts["bounties"] if b["slug"] == "case-study")
    return parse({**source, "slug": slug, "name": name, "bounties": [bounty]})


async def program_of(db: Database, workspace: int, word: str) -> dict[str, str]:
    """Make it; the ids by the names `Furnished` has for them."""
    # A refusal repeats the name that was asked for: it must not be the word the tests look for.
    slug = f"deals-{digest(word).hex()[:8]}"
    mail, now = f"{word.lower()}@acme.example", clock.now()
    async with db.tx(workspace) as tx:
        made = await versions.create_program(tx, deals_with_acts(slug, f"Deals of {word}"), mail, now)
        await versions.publish(tx, made, 1, mail, now)
        await versions.confirm_publish(tx, made, 1, f"second-{mail}", now)
        made = await versions.find(tx, slug)
        run = await simulation.start(tx, made, 1, 3, mail, now)
        found = await _taken_part(tx, made, word, now)
    while await simulation.step(db, workspace, run):
        pass
    return {"program": slug, "simulation": str(run), **found}


async def _taken_part(tx: Tx, made: programs.Program, word: str, now: datetime) -> dict[str, str]:
    group = (await programs.groups(tx, made.id))[0]
    partner, _ = await programs.ensure_advocate(
        tx, 77_001, f"Pat {word}", f"pat@{word.lower()}-partner.example", made, group
    )
    partner = await programs.accept_terms(tx, partner.id, now)
    asked = await partners.apply(tx, made, 77_002, f"Ann {word}", f"ann@{word.lower()}-two.example", {}, [], now)
    act = await bounties.submit(tx, made, "case-study", partner, f"Told by {word}.", now)
    deal = await registrations.register_deal(
        tx, made, partner, f"{word} Prospects", f"{word.lower()}-prospects.com", now
    )
    return {"application": str(asked.id), "submission": str(act.id), "registration": str(deal.id)}
