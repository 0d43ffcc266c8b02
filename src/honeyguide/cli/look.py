"""Commands that look: who, explain."""

import sys
import textwrap
from datetime import datetime
from typing import Any

import click
import msgspec

from honeyguide import decisions
from honeyguide.app import explain as explaining
from honeyguide.app import road
from honeyguide.cli.session import opened, run, workspace_option
from honeyguide.core import clock

_WIDE = 96


@click.command()
@click.option("--json", "as_json", is_flag=True, help="A JSON list, best first.")
@click.option("--limit", "-n", default=10, show_default=True, type=click.IntRange(1, 1000))
@workspace_option
def who(as_json: bool, limit: int, slug: str) -> None:
    """Who to ask now: the best advocates, why now, with what, each with its evidence."""
    found, as_of, past = run(_who(limit, slug))
    if as_json:
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(found), indent=2).decode() + "\n")
        return
    if not found:
        click.echo(
            "Nobody is to be asked now: no moment of delight is open. `honeyguide doctor` tells whether events arrive."
        )
        return
    if past:
        click.echo(f"The newest event is of {as_of:%Y-%m-%d}; this is who was best to ask then.\n")
    for place, row in enumerate(found, start=1):
        _show(place, row)


async def _who(limit: int, slug: str) -> tuple[list[dict[str, Any]], datetime, bool]:
    async with opened(slug) as (db, workspace_id):
        await road.catch_up(db, workspace_id)
        async with db.tx(workspace_id) as tx:
            found = await decisions.who(tx, clock.now(), limit)
            if found:
                return found, clock.now(), False
            newest = await tx.value("select max(event_time) from event_log where workspace_id = $1", workspace_id)
            if newest is None:
                return [], clock.now(), False
            return await decisions.who(tx, newest, limit, as_of="data"), newest, True


def _show(place: int, row: dict[str, Any]) -> None:
    """One person as somebody would tell it: who, why, what, when. What customers wrote cannot steer the terminal."""
    row = _printable(row)
    person, company = row["persona"], row["company"]
    name = (
        (person["name"] or person["email"]) if person else f"Somebody at {company['name']}" if company else "Somebody"
    )
    title = f", {person['title']}" if person and person.get("title") else ""
    firm = f" at {company['name']}" if person and company else ""
    click.echo(f"{place:>3}. {name}{title}{firm}   {_standing(row)}")
    for n, said in enumerate(row["why"]):
        _say("Why" if n == 0 else "", said["sentence"])
        if said["evidence"]:
            _proof(said["evidence"])
    what = row["what"]
    how = {"email": " by e-mail", "inapp": " in the product"}.get(what["channel"], "")
    _say("What", f"{what['offer']}{how}. {what['because']}" if what["offer"] else what["because"])
    until = str(row["when"]["until"])[:16].replace("T", " ")
    now = f"Now, until {until} UTC. " if row["when"]["at"] == "now" else ""
    _say("When", now + row["when"]["because"])
    click.echo("")


def _printable(value: Any) -> Any:
    if isinstance(value, str):
        return "".join(c if c.isprintable() else " " for c in value)
    if isinstance(value, dict):
        return {k: _printable(v) for k, v in value.items()}
    return [_printable(v) for v in value] if isinstance(value, list) else value


def _standing(row: dict[str, Any]) -> str:
    """How ready they are, and of 100 asked how many we expect to share."""
    low, high = row["interval"]
    share = f"of 100 such people {row['score']:.0f} are expected to share ({low:.0f} to {high:.0f})"
    if not row.get("readiness"):
        return share
    return f"readiness {row['readiness']['score']:.0f} of 100; {share}"


def _say(label: str, text: str) -> None:
    wrapped = textwrap.wrap(" ".join(text.split()), _WIDE) or [""]
    for n, line in enumerate(wrapped):
        click.echo(f"     {label if n == 0 else '':<5} {line}")


def _proof(evidence: dict[str, Any]) -> None:
    """The customer's words and the record, on one line."""
    quote = " ".join(str(evidence["quote"]).split())
    said = f'"{textwrap.shorten(quote, 90, placeholder=" ...")}"  ' if quote else ""
    if said or evidence["record"]:
        click.echo(f"           - {said}[{evidence['record'] or evidence['source']}]")


@click.command()
@click.argument("subject")
@click.option("--json", "as_json", is_flag=True)
@workspace_option
def explain(subject: str, as_json: bool, slug: str) -> None:
    """Explain payout:ID, reward:ID, referral:ID, ask:ID or moment:ID, back to the raw events."""

    async def read() -> explaining.Explanation:
        async with opened(slug) as (db, workspace_id), db.tx(workspace_id) as tx:
            return await explaining.explain(tx, subject)

    found = run(read())
    if as_json:
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(found), indent=2).decode() + "\n")
        return
    click.echo(found.sentence + "\n")
    for link in found.chain:
        click.echo(f"{(link.at or '')[:16].replace('T', ' '):<17} {link.stage:<12} {link.title}")
        if link.detail:
            click.echo(f"{'':<30} {link.detail}")
        for e in link.evidence:
            click.echo(f"{'':<30} <- {e.source} {e.record} [{e.inferrer} {e.confidence:.2f}] {e.quote}")
