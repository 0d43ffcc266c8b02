"""Filling the templates of requests: `{config.x}`, `{cursor}`, `{since}`, `{page}`, `{id}`."""

import re
from typing import Any
from urllib.parse import quote

from honeyguide.funnel.definitions import path, template

_ALONE = re.compile(r"\{([^{}]+)\}")
Root = dict[str, Any]


def filled(value: Any, root: Root) -> Any:
    """A value with its templates filled. What a lone `{path}` names keeps its type; what is missing is None."""
    if isinstance(value, str):
        alone = _ALONE.fullmatch(value)
        return path(alone[1].strip())(root) if alone else template(value)(root)
    if isinstance(value, dict):
        made = {k: filled(v, root) for k, v in value.items()}
        return {k: v for k, v in made.items() if v is not None or value[k] is None}
    if isinstance(value, list):
        return [one for v in value if (one := filled(v, root)) is not None]
    return value


def text_of(value: str, root: Root) -> str:
    """A template as text; "" when something in it is missing."""
    return template(value)(root) or ""


def params_of(params: dict[str, Any], root: Root) -> dict[str, str]:
    """Query parameters as text; those whose value is missing are left out."""
    made: dict[str, str] = {}
    for name, value in params.items():
        found = filled(value, root)
        if isinstance(found, list):
            made[name] = ",".join(_plain(v) for v in found)
        elif found is not None and found != "":
            made[name] = _plain(found)
    return made


def path_of(text: str, root: Root) -> str:
    """An address's path: what is filled in is quoted, so that an id with a slash cannot lead elsewhere."""
    return template(text)(_Quoted(root)) or ""


def _plain(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


class _Quoted(dict[str, Any]):
    """A root whose texts come out quoted for a path. `config` is the operator's own and stays."""

    def __init__(self, root: Root) -> None:
        super().__init__({k: v if k in ("config", "secret", "token") else _quoted(v) for k, v in root.items()})


def _quoted(value: Any) -> Any:
    if isinstance(value, str):
        return quote(value, safe=":@,+ -._~").replace(" ", "%20").replace("..", "%2E%2E")
    if isinstance(value, dict):
        return {k: _quoted(v) for k, v in value.items()}
    return value
