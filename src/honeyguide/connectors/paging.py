"""Where the next page is: pure functions of the definition's `paging` and the reply before.

A position is what a sync stores to go on after a crash: a JSON object of one key (cursor, url, offset, page).
"""

import re
from typing import Any
from urllib.parse import urljoin

import msgspec

from honeyguide.connectors.http import Reply, same_place
from honeyguide.connectors.problems import VendorProblem
from honeyguide.connectors.templates import Root
from honeyguide.funnel.definitions import path, truthy
from honeyguide.funnel.definitions.spec import PagingSpec, RequestSpec

Position = dict[str, Any] | None
_LINK = re.compile(r"<([^>]*)>([^<]*)")
_REL_NEXT = re.compile(r"""\brel\s*=\s*(?:"[^"]*\bnext\b[^"]*"|'[^']*\bnext\b[^']*'|next\b)""", re.IGNORECASE)
_TOTALS = ("total", "totalSize", "total_count", "count")


def placed(paging: PagingSpec, position: Position, request: RequestSpec) -> tuple[RequestSpec, Root, str]:
    """The request for the page at a position, the names its templates may use, and a full URL where that is the place."""
    at = position or {}
    more: Root = {}
    params = dict(request.params)
    if paging.kind in ("link", "url"):
        return request, more, str(at.get("url", ""))
    if paging.kind == "cursor" and "cursor" in at:
        more["cursor"] = at["cursor"]
        if paging.param:
            params[paging.param] = _literal(at["cursor"])
    if paging.kind == "offset":
        more["offset"] = int(at.get("offset", paging.start))
        params[paging.param or "offset"] = more["offset"]
    if paging.kind == "page":
        more["page"] = int(at.get("page", paging.start))
        params[paging.param or "page"] = more["page"]
    if paging.limit_param and paging.size:
        params[paging.limit_param] = paging.size
    body = request.json
    value = more.get("cursor", more.get("offset", more.get("page")))
    if paging.json and value is not None:
        body = _put(body, paging.json.split("."), value)
    return msgspec.structs.replace(request, params=params, json=body), more, ""


def following(paging: PagingSpec, position: Position, reply: Reply, found: Any, n: int) -> Position:
    """The position after a page of `n` records; None when it was the last. Raises VendorProblem on a foreign address."""
    if paging.kind == "none" or (paging.more and not truthy(path(paging.more)(found))):
        return None
    at = position or {}
    if paging.kind == "cursor":
        # A scroll keeps one cursor from page to page; `more` then says when it ends.
        before = {} if paging.more and n else at
        return _moved("cursor", path(paging.next)(found) if paging.next else None, before)
    if paging.kind in ("link", "url"):
        said = path(paging.next)(found) if paging.kind == "url" else _next_link(reply.headers.get("link", ""))
        if not isinstance(said, str) or not said:
            return None
        to = urljoin(reply.url, said)
        if not same_place(reply.url, to):
            raise VendorProblem(
                "The next page is said to be on another host.", "Credentials do not follow there.", code="foreign_page"
            )
        return _moved("url", to, at)
    if n == 0 or (paging.size and n < paging.size and not paging.more):
        return None
    if paging.kind == "offset":
        return {"offset": int(at.get("offset", paging.start)) + n}
    return {"page": int(at.get("page", paging.start)) + 1}


def total_of(found: Any) -> int | None:
    """How many there are in all, where the reply says so in a usual word."""
    if isinstance(found, dict):
        for name in _TOTALS:
            value = found.get(name)
            if isinstance(value, int) and not isinstance(value, bool) and value > 0:
                return value
    return None


def _moved(name: str, value: Any, before: dict[str, Any]) -> Position:
    """A position, unless there is none or the vendor stands still (it would never end)."""
    if value is None or value == "" or value is False or isinstance(value, dict | list) or value == before.get(name):
        return None
    return {name: value}


def _next_link(header: str) -> str:
    """The address of rel="next" in a Link header (RFC 8288)."""
    for address, rest in _LINK.findall(header):
        if _REL_NEXT.search(rest):
            return str(address)
    return ""


def _literal(value: Any) -> Any:
    """A value that is no template, whatever braces it holds."""
    return value.replace("{", "{{").replace("}", "}}") if isinstance(value, str) else value


def _put(body: Any, names: list[str], value: Any) -> Any:
    made = dict(body) if isinstance(body, dict) else {}
    made[names[0]] = _literal(value) if len(names) == 1 else _put(made.get(names[0]), names[1:], value)
    return made
