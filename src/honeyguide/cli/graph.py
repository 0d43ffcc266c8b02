"""Commands about the graph: ask it, show somebody, find a path, SQL, vocabulary, segments."""

import getpass
import sys
import textwrap
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

import click
import msgspec

from honeyguide import decisions, graph
from honeyguide.cli.session import opened, run, workspace_option
from honeyguide.core.errors import NotFound
from honeyguide.db import Database, Tx, audit
from honeyguide.graph import ask, segments, views
from honeyguide.graph.ask_names import Ref, look_up
from honeyguide.graph.portrait import Portrait, portrait

_json = click.option("--json", "as_json", is_flag=True, help="JSON instead of a table.")
_ENDS = ("persona", "company")
_WIDEST = 48


@click.group(name="graph")
def graph_group() -> None:
    """The living graph: who uses what, who knows whom, and why we believe so."""


def _traverse(db: Database, workspace_id: int) -> AbstractAsyncContextManager[Tx]:
    return db.tx(workspace_id, "traverse")


@graph_group.command(name="ask")
@click.argument("question")
@click.option("--limit", "-n", default=30, show_default=True, type=click.IntRange(1, 500))
@_json
@workspace_option
def ask_command(question: str, limit: int, as_json: bool, slug: str) -> None:
    """Ask a question in plain English, such as "who uses dispatch at Northwind" or "what changed about Ana since March"."""

    async def read() -> tuple[ask.Asked | ask.Unclear, ask.Answer | None]:
        async with opened(slug) as (db, workspace_id):
            async with _traverse(db, workspace_id) as tx:
                found = await ask.understand(tx, question)
                if isinstance(found, ask.Unclear):
                    return found, None
                if found.call not in decisions.ANSWERS:
                    return found, await ask.run(tx, found, limit)
            async with db.tx(workspace_id) as tx:
                return found, await ask.run(tx, found, limit, decisions.ANSWERS)

    found, answer = run(read())
    if as_json:
        _dump({"asked": found, "answer": answer})
        return
    click.echo(found.sentence)
    if isinstance(found, ask.Unclear) or answer is None:
        for suggestion in found.suggestions if isinstance(found, ask.Unclear) else ():
            click.echo(f"  {suggestion}")
        sys.exit(1)
    click.echo("")
    if found.call in decisions.ANSWERS:
        _sentences(answer.columns, answer.rows)
    else:
        _table(answer.columns, answer.rows)
    if answer.truncated:
        click.echo("... and more: see --limit.")


@graph_group.command()
@click.argument("name")
@_json
@workspace_option
def show(name: str, as_json: bool, slug: str) -> None:
    """Show a persona's portrait, or what surrounds a company, product or deal; NAME is a name, an e-mail or #ID."""

    async def read() -> Any:
        async with opened(slug) as (db, workspace_id), _traverse(db, workspace_id) as tx:
            ref = await _one(tx, name, ("persona", "company", "product", "feature", "deal", "ticket"))
            if ref.kind == "persona":
                return await portrait(tx, ref.id)
            return await ask.run(tx, ask.Asked("about", {"entity": ref}, ref.name), 100)

    found = run(read())
    if as_json:
        _dump(found)
    elif isinstance(found, Portrait):
        _portrait(found)
    else:
        _table(found.columns, found.rows)


@graph_group.command()
@click.argument("start")
@click.argument("goal")
@_json
@workspace_option
def path(start: str, goal: str, as_json: bool, slug: str) -> None:
    """Show how START (a persona) is connected to GOAL (a persona or company), with the evidence of every hop."""

    async def read() -> ask.Answer:
        async with opened(slug) as (db, workspace_id), _traverse(db, workspace_id) as tx:
            ends = {"from": await _one(tx, start, ("persona",)), "to": await _one(tx, goal, _ENDS)}
            return await ask.run(tx, ask.Asked("path", ends, ""))

    found = run(read())
    if as_json:
        _dump(found)
        return
    if not found.rows:
        click.echo("There is no path of believed edges between them.")
        return
    _table(found.columns, found.rows)


@graph_group.command()
@click.argument("statement")
@_json
@workspace_option
def sql(statement: str, as_json: bool, slug: str) -> None:
    """Run one SELECT over graph_node, graph_edge, graph_evidence, graph_history, graph_influence: read-only and bounded."""

    async def read() -> views.Table:
        async with opened(slug) as (db, workspace_id):
            found = await views.query(db, workspace_id, statement)
            async with db.tx(workspace_id) as tx:
                detail = {"sql": statement, "rows": len(found.rows)}
                await audit.write(tx, f"command line ({getpass.getuser()})", "graph.sql", "graph", detail)
            return found

    found = run(read())
    if as_json:
        _dump(found)
        return
    _table(found.columns, found.rows)
    if found.capped:
        click.echo(f"... the first {len(found.rows):,} rows only.")


@graph_group.command()
@_json
@workspace_option
def vocabulary(as_json: bool, slug: str) -> None:
    """List every kind of node and edge this workspace knows."""

    async def read() -> graph.Vocabulary:
        async with opened(slug) as (db, workspace_id), db.tx(workspace_id) as tx:
            return await graph.vocabulary(tx)

    found = run(read())
    if as_json:
        _dump({"version": found.version, "nodes": list(found.nodes.values()), "edges": list(found.edges.values())})
        return
    click.echo(f"Version {found.version}. Nodes: {', '.join(found.nodes)}.\n")
    _table(
        ["code", "edge", "from", "to", "half-life (days)", "rule"],
        [
            [k.code, k.name, ", ".join(k.source) or "any", ", ".join(k.target) or "any", k.half_life_days, k.rule]
            for k in found.edges.values()
        ],
    )


@graph_group.command(name="segments")
@click.argument("name", default="")
@_json
@workspace_option
def segments_command(name: str, as_json: bool, slug: str) -> None:
    """List the segments and how many are in each; with NAME, who is in that one."""

    async def read() -> tuple[Sequence[segments.Segment], Sequence[segments.Member]]:
        async with opened(slug) as (db, workspace_id), db.tx(workspace_id) as tx:
            every = await segments.list(tx)
            if not name:
                return every, ()
            one = next((s for s in every if s.name.casefold() == name.casefold()), None)
            if one is None:
                raise NotFound(f"There is no segment {name!r}.", advice="`honeyguide graph segments` lists them.")
            return [one], await segments.members(tx, one.id, limit=1_000)

    found, members = run(read())
    if as_json:
        _dump({"segments": found, "members": members})
    elif name:
        click.echo(f"{found[0].name}: {found[0].members:,} in it")
        _table(["id", "who", "title", "since"], [[m.persona, m.name, m.title, str(m.entered_at)[:10]] for m in members])
    elif not found:
        click.echo("There are no segments yet: POST /api/segments, or the console's People screen, makes one.")
    else:
        _table(["segment", "members", "by", "changed"],
               [[s.name, s.members, s.created_by, str(s.updated_at)[:10]] for s in found])  # fmt: skip


async def _one(tx: Tx, name: str, kinds: Sequence[str]) -> Ref:
    """The one node a name means. Raises NotFound that lists what it could mean."""
    found = await look_up(tx, name, kinds)
    if len(found.refs) == 1:
        return found.refs[0]
    if not found.refs:
        raise NotFound(
            f"No {' or '.join(kinds)} called {name!r} is known.", advice="Take a whole name, an e-mail or #ID."
        )
    listed = "; ".join(f"#{r.id} {r.name}{f', {r.detail}' if r.detail else ''}" for r in found.refs[:8])
    raise NotFound(f"There are several: {listed}.", advice="Take the #ID of one.")


def _portrait(p: Portrait) -> None:
    title = p.persona.props.get("title")
    at = f" at {p.company.name}" if p.company else ""
    click.echo(f"{p.persona.name}{f', {title}' if title else ''}{at}   #{p.persona.id}")
    if p.uses:
        click.echo("  uses        " + ", ".join(f"{t.name} ({t.how}, {t.confidence:.2f})" for t in p.uses))
    if p.influences:
        click.echo("  moves       " + ", ".join(f"{t.name} ({t.how}, {t.confidence:.2f})" for t in p.influences))
    feels = p.feels
    click.echo(f"  feels       {feels.label}" + (f" ({feels.confidence:.2f})" if feels.label != "unknown" else ""))
    for quote in feels.quotes:
        click.echo(f'                "{quote.quote}"  {quote.source_ref}')
    click.echo("  because")
    for belief in p.beliefs:
        said = f': "{belief.quote}"' if belief.quote else ""
        click.echo(f"    {belief.confidence:.2f}  {belief.sentence}  <- {belief.source_ref} [{belief.inferrer}]{said}")


def _dump(value: Any) -> None:
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(value), indent=2).decode() + "\n")


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Ref):
        return value.name
    if isinstance(value, float):
        return f"{value:.4g}"
    return str(value)


def _table(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Columns as wide as what is in them, up to a bound; control characters of names cannot steer the terminal."""
    if not rows:
        click.echo("Nothing is known.")
        return
    lines = [list(columns), *([_plain(_shown(v)) for v in row] for row in rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(columns))]
    for n, line in enumerate(lines):
        click.echo("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip())
        if n == 0:
            click.echo("  ".join("-" * width for width in widths))


def _sentences(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Answers that are sentences: a cell a line, wrapped and whole."""
    wide = max(len(c) for c in columns)
    for row in rows:
        for column, cell in zip(columns, row, strict=True):
            text = "".join(c if c.isprintable() else " " for c in _shown(cell))
            if text:
                click.echo(
                    textwrap.fill(text, 110, initial_indent=f"{column:<{wide}}  ", subsequent_indent=" " * (wide + 2))
                )
        click.echo("")


def _plain(text: str) -> str:
    clean = "".join(c if c.isprintable() else " " for c in text)
    return clean if len(clean) <= _WIDEST else clean[: _WIDEST - 1] + "…"
