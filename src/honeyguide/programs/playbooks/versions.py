"""A workspace's own playbooks: versions that are never changed, and the way back."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any

import msgspec
from msgspec import Struct, structs

from honeyguide.core import clock
from honeyguide.core.errors import BadInput, Conflict, NotFound
from honeyguide.db import Tx, audit
from honeyguide.programs.playbooks import version_tables
from honeyguide.programs.playbooks.checking import checked
from honeyguide.programs.playbooks.diff import diff
from honeyguide.programs.playbooks.layers import cells
from honeyguide.programs.playbooks.matching import Playbooks
from honeyguide.programs.playbooks.resolve import resolve
from honeyguide.programs.playbooks.step import Origin, Playbook, slug_of
from honeyguide.programs.playbooks.version_tables import Version

LIBRARY_VERSION = 0


class Told(Struct, frozen=True):
    """A version in the history. Version 0 is the library's; it has no author and no time."""

    version: int
    by: str
    at: datetime | None
    note: str
    based_on: int


def shipped(slug: str) -> Playbook:
    """The library's playbook of this name. Raises NotFound."""
    cell = _BY_SLUG.get(slug)
    if cell is None:
        raise NotFound(f"There is no playbook {slug!r}.", advice="Names are like renewal-enterprise-fintech.")
    return resolve(*cell)


async def in_force(tx: Tx) -> Playbooks:
    """What is in force in this workspace: its own newest versions, the library everywhere else."""
    return Playbooks({v.slug: playbook_of(v) for v in await version_tables.latest(tx) if v.slug in _BY_SLUG})


@cache
def _shipped_titles() -> dict[str, str]:
    return {step.slug: step.title for cell in cells() for step in resolve(*cell).steps}


async def step_titles(tx: Tx) -> dict[str, str]:
    """Titles of steps by name: the workspace's own before the library's."""
    own = await in_force(tx)
    return _shipped_titles() | {s.slug: s.title for p in own.own.values() for s in p.steps}


async def current(tx: Tx, slug: str) -> Playbook:
    """The playbook of this name as it is in force. Raises NotFound."""
    found = await version_tables.versions(tx, _known(slug))
    return playbook_of(found[0]) if found else shipped(slug)


async def at_version(tx: Tx, slug: str, version: int) -> Playbook:
    """A version of a playbook. Raises NotFound."""
    if version == LIBRARY_VERSION:
        return shipped(slug)
    for one in await version_tables.versions(tx, _known(slug)):
        if one.version == version:
            return playbook_of(one)
    raise NotFound(f"The playbook {slug!r} has no version {version}.")


async def history(tx: Tx, slug: str) -> list[Told]:
    """Every version, the newest first, the library's last. Raises NotFound."""
    own = [
        Told(v.version, v.created_by, v.created_at, v.note, v.based_on)
        for v in await version_tables.versions(tx, _known(slug))
    ]
    return [*own, Told(LIBRARY_VERSION, "library", None, "As shipped.", LIBRARY_VERSION)]


async def save(tx: Tx, playbook: Playbook, actor: str, *, note: str = "", at: datetime | None = None) -> Playbook:
    """Put an edited playbook in force as a new version. `playbook.version` is the version it was made from.

    Raises BadInput with every problem as a sentence, NotFound, Conflict when somebody else saved in the meantime.
    Saying the same as the version in force changes nothing.
    """
    checked(playbook)
    now = await _locked(tx, playbook.slug)
    if now.version != playbook.version:
        raise Conflict(
            f"Somebody else has changed {playbook.slug!r}.",
            f"You started from version {playbook.version}, in force is {now.version}.",
            advice="Look at the difference, then save again.",
        )
    changes = diff(now, playbook)
    if not changes:
        return now
    return await _write(tx, now, playbook, actor, note, "playbook.saved", {"changes": changes[:20]}, at)


async def revert(tx: Tx, slug: str, version: int, actor: str, *, at: datetime | None = None) -> Playbook:
    """Put an older version in force again, as a new version; 0 is the library's. Raises NotFound, BadInput."""
    now = await _locked(tx, slug)
    if version == now.version:
        raise BadInput(f"Version {version} of {slug!r} is in force already.")
    wanted = await at_version(tx, slug, version)
    note = f"Back to version {version}." if version else "Back to the library's."
    return await _write(tx, now, wanted, actor, note, "playbook.reverted", {"to": version}, at)


async def _locked(tx: Tx, slug: str) -> Playbook:
    await version_tables.lock(tx, _known(slug))
    return await current(tx, slug)


async def _write(
    tx: Tx, now: Playbook, wanted: Playbook, actor: str, note: str, action: str, told: Mapping[str, Any], at: datetime | None
) -> Playbook:  # fmt: skip
    found = await version_tables.versions(tx, now.slug)
    version = found[0].version + 1 if found else 1
    back = wanted.version == LIBRARY_VERSION and wanted == shipped(wanted.slug)
    body = {} if back else {"goal": wanted.goal, "steps": msgspec.to_builtins(wanted.steps)}
    made = Version(now.slug, version, body, wanted.version, " ".join(note.split())[:500], actor, at or clock.now())
    await version_tables.add(tx, made)
    await audit.write(tx, actor, action, f"playbook:{now.slug}", {"version": version, "from": now.version, **told})
    return playbook_of(made)


def playbook_of(stored: Version) -> Playbook:
    """A stored version as a playbook; the origins of steps that are still the library's are the library's."""
    library = shipped(stored.slug)
    if not stored.body:
        return structs.replace(library, version=stored.version)
    made = msgspec.convert(
        {**msgspec.to_builtins(structs.replace(library, provenance={})), **stored.body, "version": stored.version},
        Playbook,
    )
    untouched = {s.slug: s for s in library.steps}
    origins = {
        s.slug: library.provenance[s.slug] if untouched.get(s.slug) == s
        else [*library.provenance.get(s.slug, ()), Origin(f"version {stored.version}, {stored.created_by}", (), stored.note)]
        for s in made.steps
    }  # fmt: skip
    return structs.replace(made, provenance=origins)


def _known(slug: str) -> str:
    return shipped(slug).slug


_BY_SLUG = {slug_of(*cell): cell for cell in cells()}
