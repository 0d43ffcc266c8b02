"""The year on a terminal: a line a month while it is played, and where to look at it afterwards."""

import json
from datetime import UTC, datetime
from typing import Any

import click
import msgspec

from honeyguide.app import store
from honeyguide.app.year.run import Year, midnight, run_year
from honeyguide.core import clock
from honeyguide.core.errors import Conflict
from honeyguide.core.money import money_text
from honeyguide.decisions.autonomy import WHOLE
from honeyguide.settings import Settings

_HEAD = f"{'until':<12}{'asked':>7}{'passed on':>11}{'signed up':>11}{'won':>6}{'paid':>14}{'alone':>12}   lift against the holdout"


async def play_year(months: int, seed: int, end: datetime | None, scale: float) -> Year:
    """Play it in a data folder of its own beside the usual one. Raises Conflict where a year lies already."""
    settings = _own(Settings.load())
    last = midnight(end.replace(tzinfo=UTC) if end else clock.now())
    click.echo(f"Tidewater's {months} months up to {last:%d %B %Y}, day by day, in {settings.data}")
    click.echo(_HEAD)
    async with store.database(settings) as db:
        if await db.workspaces():
            raise Conflict(
                "A simulated year lies in this folder already.", f"It is {settings.data}.",
                advice="Look at it with `honeyguide up`, or remove the folder to play another.",
            )  # fmt: skip
        year = await run_year(
            db, settings, seed=seed, end=last, months=months, scale=scale, say=lambda row: click.echo(_line(row))
        )
    (settings.data / "year.json").write_text(json.dumps(msgspec.to_builtins(year), indent=1, sort_keys=True))
    click.echo(f"\nThe books balance: {'yes' if all(r['books'] for r in year.months) else 'NO'}.")
    click.echo(f"Digest of the year (seed {seed}, end {last:%Y-%m-%d}, scale {scale:g}): {year.digest}")
    click.echo(f"Look at it: HONEYGUIDE_DATA={settings.data} honeyguide up")
    return year


def _own(settings: Settings) -> Settings:
    return msgspec.structs.replace(settings, data=settings.data / "year", database_url="", database_app_url="")


def _line(row: dict[str, Any]) -> str:
    paid = ", ".join(money_text(minor, currency) for currency, minor in row["paid_minor"].items()) or "-"
    estimate, lower, upper = row["lift"]
    lift = "not enough yet"
    if estimate is not None and lower is not None:
        lift = f"{100 * estimate:+.1f} points [{100 * lower:+.1f}, {100 * upper:+.1f}]{' proven' if lower > 0 else ''}"
    numbers = f"{row['until']:<12}{row['sent']:>7}{row['shared']:>11}{row['signed_up']:>11}{row['won']:>6}{paid:>14}"
    alone = f"{row['alone']}, level {row['levels'][WHOLE]}" if WHOLE in row["levels"] else str(row["alone"])
    return f"{numbers}{alone:>12}   {lift}"
