"""Which kinds of text a workspace lets leave this installation, to be read by a hosted model. None, until it says so."""

from collections.abc import Iterable

from honeyguide.core.errors import BadInput
from honeyguide.db import Tx, audit, change_settings, workspace
from honeyguide.inference.question_sets import KINDS

_SETTING = "hosted_kinds"


async def hosted_kinds(tx: Tx) -> frozenset[str]:
    """The kinds of text (ticket, note, mail ...) that may be sent to a hosted model."""
    found = (await workspace(tx)).settings.get(_SETTING, [])
    return frozenset(found) & KINDS


async def allow_hosted(tx: Tx, kinds: Iterable[str], actor: str) -> frozenset[str]:
    """Let exactly these kinds leave from now on; none withdraws it all. Audited. Raises BadInput for an unknown kind."""
    wanted = frozenset(kinds)
    if unknown := sorted(wanted - KINDS):
        raise BadInput(f"There is no kind of text {unknown[0]}.", f"There are: {', '.join(sorted(KINDS))}.")
    await change_settings(tx, {_SETTING: sorted(wanted)})
    await audit.write(tx, actor, "inference.consent", f"workspace:{tx.workspace_id}", {"kinds": sorted(wanted)})
    return wanted
