"""Commands about models: the weights on this machine, and what may be sent to a hosted one."""

import sys
import time
from collections.abc import Callable

import click

from honeyguide.cli.session import opened, operator_name, run, workspace_option
from honeyguide.core.errors import HoneyguideError
from honeyguide.inference import consent
from honeyguide.inference.models.known import DEFAULT, KNOWN, Known
from honeyguide.inference.models.llama_process import LlamaProcess
from honeyguide.inference.models.standing import standing
from honeyguide.inference.models.store import Store, Weights
from honeyguide.inference.models.trial import Trial, trial
from honeyguide.settings import Settings

_MEGA = 1_000_000


@click.group(name="model")
def model() -> None:
    """Models that read texts: weights on this machine, and consent for a hosted one."""


def _store() -> tuple[Settings, Store]:
    settings = Settings.load()
    return settings, Store(settings.models)


@model.command(name="list")
def list_all() -> None:
    """How every model stands, the weights that are here, and those that can be fetched by name."""
    settings, store = _store()
    for tier, one in standing(settings, store).items():
        share = f" {one.progress:.0%}" if one.progress is not None else ""
        click.echo(f"  {tier:<10} {one.name or '-':<28} {one.state}{share}  {one.problem}".rstrip())
    chosen = store.chosen(settings.model)
    here = store.list()
    for weights in here:
        mark = "*" if chosen is not None and weights.sha256 == chosen.sha256 else " "
        click.echo(f"{mark} {weights.name:<28} {weights.size / _MEGA:8.1f} MB  {weights.kind:<10} {weights.sha256[:12]}  "
                   f"{weights.licence or 'licence not stated'}  from {weights.source}")  # fmt: skip
    for known in KNOWN.values():
        if known.name not in {w.name for w in here}:
            click.echo(f"  {known.name:<28} {known.download / _MEGA:8.1f} MB  to fetch   {known.sha256[:12]}  {known.licence}  {known.about}")  # fmt: skip


@model.command(name="add")
@click.argument("source", default=DEFAULT.name, metavar="NAME|FILE.gguf")
@click.option("--name", default="", help="How to call weights of a file; its own name unless told.")
@click.option("--sha256", default="", help="The hash the file must have; another is refused.")
def add(source: str, name: str, sha256: str) -> None:
    """Add weights: fetch known ones by name, or take a GGUF file (an ordinary model, or a decision model such as julia-1.gguf)."""
    settings, store = _store()
    weights = store.add(source, name=name, sha256=sha256, progress=_bar(source))
    click.echo(f"{weights.name} is here: {weights.size / _MEGA:.1f} MB, {weights.kind} model, SHA-256 {weights.sha256}")
    if store.chosen(settings.model) != weights:
        click.echo(f"It is read with when HONEYGUIDE_MODEL={weights.name} is set.")


@model.command(name="test")
@click.argument("name", default="")
def test(name: str) -> None:
    """Check weights against their hash, load them, ask a few questions, and say how fast and how right the answers were."""
    settings, store = _store()
    weights = store.check(name or _chosen(settings, store).name)
    click.echo(f"{weights.name}: the file is what was added (SHA-256 {weights.sha256[:12]} ...)")
    process = LlamaProcess(weights.path)
    try:
        found: Trial = run(trial(process, weights))
    finally:
        process.close()
    click.echo(f"loaded in {found.load_s:.1f} s, {found.memory_mb:.0f} MB; {found.cpu_ms:.0f} ms of CPU a text")
    click.echo(
        f"{found.right} of {found.asked} test texts read as people would; the same numbers twice: {'yes' if found.steady else 'NO'}"
    )
    if not found.steady:
        sys.exit(1)


@model.command(name="remove")
@click.argument("name")
def remove(name: str) -> None:
    """Delete weights from this machine."""
    _, store = _store()
    store.remove(name)
    click.echo(f"{name} is gone.")


@model.command(name="consent")
@click.argument("kinds", nargs=-1, metavar="KIND...")
@click.option("--none", "nothing", is_flag=True, help="Let nothing leave any more.")
@workspace_option
def consent_command(kinds: tuple[str, ...], nothing: bool, slug: str) -> None:
    """Show, or set, which kinds of text (ticket, rating, note, mail, title, survey) a hosted model may be sent."""

    async def act() -> frozenset[str]:
        async with opened(slug) as (db, workspace_id), db.tx(workspace_id) as tx:
            if kinds or nothing:
                return await consent.allow_hosted(tx, kinds, operator_name())
            return await consent.hosted_kinds(tx)

    allowed = run(act())
    click.echo(
        f"May leave: {', '.join(sorted(allowed))}." if allowed else "No text of a customer leaves this installation."
    )


@model.command(name="fetch", hidden=True)
def fetch() -> None:
    """Fetch the default weights once, in the background of `up`; whatever goes wrong is one sentence, and no failure."""
    settings, store = _store()
    if settings.model not in ("", DEFAULT.name) or store.chosen(settings.model) is not None:
        return
    without = standing(settings, store)["local"].works_without
    click.echo(
        f"  . Fetching the local model in the background ({DEFAULT.download / _MEGA:.0f} MB, HONEYGUIDE_MODEL=none declines)."
    )
    click.echo(f"    Meanwhile: {without}")
    try:
        store.fetch(DEFAULT, _quarters(DEFAULT))
    except HoneyguideError as e:
        click.echo(f"  ! {e.sentence()}")
    else:
        click.echo(f"  ✓ The local model {DEFAULT.name} is here; texts are read with it from now on.")


def _chosen(settings: Settings, store: Store) -> Weights:
    chosen = store.chosen(settings.model)
    return chosen if chosen is not None else store.get(settings.model or DEFAULT.name)


def _bar(title: str) -> Callable[[int, int], None]:
    """Megabytes and their share, on a terminal only."""
    if not sys.stderr.isatty():
        return lambda _done, _total: None

    def show(done: int, total: int) -> None:
        end = "\n" if done >= total else ""
        click.echo(
            f"\r  {title}: {done / _MEGA:.1f} of {total / _MEGA:.1f} MB ({done / max(total, 1):.0%})  {end}",
            nl=False,
            err=True,
        )

    return show


def _quarters(known: Known) -> Callable[[int, int], None]:
    """A line for every quarter, and not more than one in five seconds."""
    said = [0, time.monotonic()]

    def show(done: int, total: int) -> None:
        quarter = 4 * done // max(total, 1)
        if said[0] < quarter < 4 and time.monotonic() - said[1] >= 5:
            said[:] = [quarter, time.monotonic()]
            click.echo(f"  . {known.name}: {done / _MEGA:.0f} of {total / _MEGA:.0f} MB")

    return show


__all__ = ["model"]
