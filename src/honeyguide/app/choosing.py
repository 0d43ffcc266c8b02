"""A question the grammar did not understand, put before the hosted model: which of the same calls answers it?

Only where a workspace lets texts leave for a hosted model at all, within its budget of the day, and never inside a
transaction. The model picks from a closed list; whatever else it says counts as nothing said.
"""

import importlib
import logging
from collections.abc import Mapping
from datetime import UTC
from typing import Any

from honeyguide.core import clock
from honeyguide.core.errors import HoneyguideError
from honeyguide.db import Database
from honeyguide.graph.ask_calls import Call
from honeyguide.inference.budget import DailyPurse
from honeyguide.inference.consent import hosted_kinds
from honeyguide.inference.providers import hosted_endpoint
from honeyguide.settings import Settings

_log = logging.getLogger(__name__)


class Choosing:
    """Asks the hosted model of this installation, for one workspace at a time."""

    def __init__(self, db: Database, settings: Settings) -> None:
        self._db, self._settings = db, settings
        self._picker: Any = None

    async def __call__(
        self, workspace_id: int, question: str, calls: Mapping[str, Call]
    ) -> tuple[str, Mapping[str, Any]] | None:
        """A call and its arguments; None when nobody may be asked, the budget is spent, or nothing fits."""
        if not self._settings.hosted_model or self._settings.hosted_model.startswith("system-one:"):
            return None
        async with self._db.tx(workspace_id) as tx:
            if not await hosted_kinds(tx):
                return None
        try:
            return await self._pick(workspace_id, question, calls)
        except HoneyguideError as e:
            _log.warning("no model picked a call: %s", e.sentence())
            return None

    async def _pick(
        self, workspace_id: int, question: str, calls: Mapping[str, Call]
    ) -> tuple[str, Mapping[str, Any]] | None:
        picking = importlib.import_module("honeyguide.inference.providers.picking")
        if self._picker is None:
            self._picker = picking.Picker(*hosted_endpoint(self._settings))
        dated = f"Today is {clock.now().astimezone(UTC):%Y-%m-%d}. {question}"
        choices = {name: picking.Choice(call.about, _arguments(call)) for name, call in calls.items()}
        purse, wanted = DailyPurse(self._db, workspace_id), [self._picker.estimate(dated, choices)]
        if await purse.reserve(self._picker.name, self._picker.tier, wanted) == 0:
            return None
        spent = []
        try:
            picked = await self._picker.pick(dated, choices)
            spent = [picked.usage]
        finally:
            await purse.settle(self._picker.name, self._picker.tier, wanted, spent)
        if picked.call is None or picked.call not in calls:
            return None
        return picked.call, _typed(calls[picked.call], picked.arguments)


def _arguments(call: Call) -> dict[str, str]:
    names = {n: "a name" + (" (optional)" if n in call.optional else "") for n in call.names}
    return names | {n: kind.replace("|", " or ") for n, kind in call.values.items()}


def _typed(call: Call, said: Mapping[str, str]) -> dict[str, Any]:
    return {k: int(v) if call.values.get(k) == "int" and v.strip().isdigit() else v.strip() for k, v in said.items()}
