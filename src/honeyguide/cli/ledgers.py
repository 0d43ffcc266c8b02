"""The books from the command line: check them, what is still to be paid, and rates of exchange."""

import sys
from datetime import UTC, datetime

import click

from honeyguide import ledger
from honeyguide.cli.session import opened, run, workspace_option
from honeyguide.core import clock
from honeyguide.core.errors import BadInput
from honeyguide.core.money import money_text


@click.group(name="ledger")
def books() -> None:
    """The books."""


@books.command(name="verify")
@click.option("--head", default="", help="A head noted earlier: is what stood then still there?")
@workspace_option
def ledger_verify(head: str, slug: str) -> None:
    """Check the whole ledger from outside. Exit 1 when anything does not add up."""

    async def check() -> ledger.VerifyReport:
        async with opened(slug) as (db, workspace_id), db.tx(workspace_id) as tx:
            return await ledger.verify(tx, head)

    report = run(check())
    click.echo(report.sentence)
    if report.head:
        click.echo(f"Head of the chain at link {report.links}: {report.head}")
    for problem in report.problems:
        click.echo(f"  - {problem}")
    if not report.ok:
        sys.exit(1)


@books.command(name="liability")
@click.option("--days", default=365, show_default=True, type=click.IntRange(1, 3650), help="How far ahead.")
@workspace_option
def ledger_liability(days: int, slug: str) -> None:
    """What is still to be paid, by currency and month."""

    async def read() -> ledger.Liability:
        async with opened(slug) as (db, workspace_id), db.tx(workspace_id) as tx:
            return await ledger.liability(tx, clock.now(), days)

    found = run(read())
    click.echo(f"{'month':<9}{'due':>14}{'expected':>14}{'at risk':>14}{'owed':>14}")
    for m in found.months:
        cells = (m.due_minor, m.expected_minor, m.at_risk_minor, m.owed_minor)
        click.echo(f"{m.month:<9}" + "".join(f"{money_text(c, m.currency):>14}" for c in cells))


@books.command(name="rates")
@click.option("--store", default="", metavar="BASE/QUOTE=RATE", help="Keep a rate, such as EUR/USD=1.0842.")
@click.option("--source", default="by hand", show_default=True, help="Where the rate is from.")
@click.option("--at", type=click.DateTime(), default=None, help="From when on (UTC; now without it).")
@workspace_option
def ledger_rates(store: str, source: str, at: datetime | None, slug: str) -> None:
    """Show stored rates of exchange, or keep one."""

    async def work() -> list[ledger.Rate]:
        async with opened(slug) as (db, workspace_id), db.tx(workspace_id) as tx:
            if store:
                base, quote, up, down = _parsed(store)
                await ledger.store_rate(
                    tx, base, quote, up, down, source, at.replace(tzinfo=UTC) if at else clock.now()
                )
            return await ledger.rates(tx)

    for one in run(work()):
        click.echo(f"{one.at:%Y-%m-%d %H:%M}  {one.base}/{one.quote}  {one.numerator}/{one.denominator}  {one.source}")


def _parsed(text: str) -> tuple[str, str, int, int]:
    """`EUR/USD=1.0842` as whole numbers, without a floating point in between."""
    pair, _, number = text.partition("=")
    base, _, quote = pair.partition("/")
    whole, _, fraction = number.partition(".")
    if not (whole + fraction).isdigit() or len(fraction) > 9:
        raise BadInput(f"{text!r} is not a rate.", advice="Write it like EUR/USD=1.0842.")
    return base.strip(), quote.strip(), int(whole + fraction), 10 ** len(fraction)
