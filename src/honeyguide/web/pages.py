"""Pages people see without signing in: Jinja templates, one style sheet, no script needed."""

from functools import cache
from hashlib import blake2b
from importlib.resources import files
from typing import Any

from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from honeyguide.core.errors import HoneyguideError
from honeyguide.web.problems import request_id

_environment = Environment(
    loader=PackageLoader("honeyguide.web", "templates"),
    autoescape=select_autoescape(default=True, default_for_string=True),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@cache
def asset(name: str) -> bytes:
    """One of the few files our own pages load."""
    return files("honeyguide.web").joinpath("assets", name).read_bytes()


@cache
def asset_url(name: str) -> str:
    """Its address, which changes with its content, so that browsers may keep it for good."""
    return f"/static/{name}?v={blake2b(asset(name), digest_size=6).hexdigest()}"


_environment.globals["asset_url"] = asset_url


def page(template: str, status: int = 200, /, *, index: bool = False, **values: Any) -> HTMLResponse:
    """Render a template. Pages with a token in their address are never cached or indexed."""
    html = _environment.get_template(template).render(**values)
    headers = {"cache-control": "no-store"}
    if not index:
        headers["x-robots-tag"] = "noindex"
    return HTMLResponse(html, status, headers=headers)


def notice(scope: Any, status: int, title: str, text: str, *, advice: str = "", tone: str = "plain") -> HTMLResponse:
    """A page that says one thing."""
    return page(
        "notice.html", status, title=title, text=text, advice=advice, tone=tone,
        request_id=request_id(scope) if status >= 500 else "",
    )  # fmt: skip


def failure(scope: Any, error: HoneyguideError) -> HTMLResponse:
    """An expected error, as a page in plain words."""
    response = notice(scope, error.status, error.title, error.detail, advice=error.advice, tone="bad")
    retry_after = getattr(error, "retry_after", None)
    if retry_after is not None:
        response.headers["retry-after"] = str(retry_after)
    return response
