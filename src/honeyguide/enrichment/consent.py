"""What a workspace allows: nothing until it says so, persons only when it says so of persons."""

from typing import Any

import msgspec
from msgspec import Struct, field

from honeyguide.core.errors import BadInput
from honeyguide.db import Tx, audit, change_settings, workspace
from honeyguide.funnel.definitions import path
from honeyguide.funnel.sources import slug_of

_KEY = "enrichment"


class ProviderSpec(Struct, frozen=True, forbid_unknown_fields=True):
    """An outside provider: where to ask (`{domain}` or `{name}` in the address), what its answer means, what it costs.

    `map`: our field -> JMESPath into the JSON answer. `licence`: the terms the data comes under, kept with every value.
    """

    name: str
    url: str
    map: dict[str, str]
    licence: str
    kind: str = "company"
    confidence: float = 0.8
    per_day: int = 100
    fresh_days: int = 90


class Consent(Struct, frozen=True, forbid_unknown_fields=True):
    """`companies` and `persons`: may anything be added about them at all? `providers`: who may be asked."""

    companies: bool = False
    persons: bool = False
    providers: list[ProviderSpec] = field(default_factory=list)

    def allows(self, kind: str) -> bool:
        """May records of this kind be enriched?"""
        return self.companies if kind == "company" else self.persons


async def consent_of(tx: Tx) -> Consent:
    """What the workspace allows; nothing where nobody has said anything."""
    said: Any = (await workspace(tx)).settings.get(_KEY)
    return msgspec.convert(said, Consent) if said is not None else Consent()


async def set_consent(tx: Tx, consent: Consent, actor: str) -> None:
    """Allow, or withdraw. Raises BadInput on a provider that cannot be asked."""
    for spec in consent.providers:
        _check(spec)
    if len({slug_of(s.name) for s in consent.providers}) < len(consent.providers):
        raise BadInput("Two providers have one name.")
    await change_settings(tx, {_KEY: msgspec.to_builtins(consent)})
    detail = {
        "companies": consent.companies,
        "persons": consent.persons,
        "providers": [s.name for s in consent.providers],
    }
    await audit.write(tx, actor, "enrichment.consent", f"workspace:{tx.workspace_id}", detail)


def _check(spec: ProviderSpec) -> None:
    if not slug_of(spec.name) or not spec.map or not spec.licence:
        raise BadInput(f"The provider {spec.name!r} needs a name, a `map` and a `licence`.")
    if not spec.url.startswith("https://") or "{" not in spec.url:
        raise BadInput(f"The provider {spec.name} needs an https address with {{domain}} or {{name}} in it.")
    if spec.kind not in ("company", "persona") or spec.per_day < 0 or not 0 < spec.confidence < 1:
        raise BadInput(f"The provider {spec.name} has a kind, budget or confidence that is none.")
    for where in spec.map.values():
        path(where)
