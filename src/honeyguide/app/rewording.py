"""The hosted model of this installation puts a draft into other words, for one workspace at a time, behind the checks.

What leaves holds no personal data: names, amounts, links, personal phrases and the disclosure are marks. Each call is
within the workspace's budget of the day, and none is made inside a transaction.
"""

import importlib
from typing import Any

from honeyguide.core.errors import HoneyguideError
from honeyguide.db import Database
from honeyguide.decisions.messages import Brand, Draft, Refused, Rewritten, rewrite
from honeyguide.inference.budget import DailyPurse
from honeyguide.inference.providers import hosted_endpoint
from honeyguide.settings import Settings


class Rewording:
    """Asks the hosted model; without one every draft stays as it is, with the reason."""

    def __init__(self, db: Database, settings: Settings) -> None:
        self._db, self._settings = db, settings
        self._endpoint: tuple[Any, Any] | None = None

    async def __call__(self, workspace_id: int, draft: Draft, brand: Brand) -> Rewritten | Refused:
        """The draft in other words, or why it stays."""
        if not self._settings.hosted_model or self._settings.hosted_model.startswith("system-one:"):
            return Refused("No hosted model that writes is set up; the draft is ours and can be edited.", "absent")
        try:
            if self._endpoint is None:
                self._endpoint = hosted_endpoint(self._settings)
        except HoneyguideError as e:
            return Refused(e.sentence(), "absent")
        writing = importlib.import_module("honeyguide.inference.providers.writing")
        writer = writing.HostedWriter(*self._endpoint, DailyPurse(self._db, workspace_id))
        return await rewrite(draft, brand, writer)
