"""Errors as application/problem+json (RFC 9457): what happened, why, what to do, and an id to quote."""

import logging
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException

from honeyguide.core.errors import HoneyguideError

log = logging.getLogger("honeyguide.web")

MEDIA_TYPE = "application/problem+json"
_TITLES = {
    400: "The request is not of the documented form.",
    401: "Nobody is signed in.",
    403: "This is not yours to see or do.",
    404: "There is no such thing here.",
    405: "This address does not take that method.",
    413: "The body is too large.",
    415: "The body is of another media type.",
}


_DUB_CODES = {
    400: "bad_request", 401: "unauthorized", 403: "forbidden", 404: "not_found", 409: "conflict", 413: "bad_request",
    422: "unprocessable_entity", 429: "rate_limit_exceeded", 500: "internal_server_error",
}  # fmt: skip


class Problem(BaseModel):
    """The form of every error."""

    model_config = ConfigDict(extra="forbid")
    type: str
    title: str
    status: int
    detail: str
    advice: str
    request_id: str


def request_id(scope: Any) -> str:
    """The id the dispatcher gave this request."""
    return str(scope.get("state", {}).get("request_id", ""))


def problem(
    scope: Any, status: int, title: str, detail: str = "", advice: str = "", code: str = "error"
) -> JSONResponse:
    """A problem response."""
    body: dict[str, Any] = {
        "type": f"urn:honeyguide:problem:{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "advice": advice,
        "request_id": request_id(scope),
    }
    if scope["path"].startswith("/v1/track/"):  # what libraries made for Dub's address read
        body["error"] = {"code": _DUB_CODES.get(status, code), "message": title, "doc_url": ""}
    return JSONResponse(body, status, media_type=MEDIA_TYPE, headers={"cache-control": "no-store"})


def from_error(scope: Any, error: HoneyguideError) -> JSONResponse:
    """An expected failure with its own status."""
    response = problem(scope, error.status, error.title, error.detail, error.advice, error.code)
    retry_after = getattr(error, "retry_after", None)
    if retry_after is not None:
        response.headers["retry-after"] = str(retry_after)
    if error.status == 401:
        response.headers["www-authenticate"] = 'Bearer realm="honeyguide"'
    return response


def _validation_text(error: RequestValidationError) -> str:
    parts = []
    for one in error.errors()[:5]:
        where = ".".join(str(p) for p in one["loc"])
        parts.append(f"{where}: {one['msg']}")
    return "; ".join(parts)


def install(app: FastAPI) -> None:
    """Teach the app to answer every error as a problem."""

    @app.exception_handler(HoneyguideError)
    async def expected(request: Request, error: HoneyguideError) -> JSONResponse:
        if error.status >= 500:
            log.warning("%s %s [%s]", error.status, error.code, request_id(request.scope))
        return from_error(request.scope, error)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        return problem(request.scope, 422, _TITLES[400], _validation_text(error), code="invalid")

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> JSONResponse:
        title = _TITLES.get(error.status_code, "The request could not be answered.")
        response = problem(request.scope, error.status_code, title, code=f"http_{error.status_code}")
        for name, value in (error.headers or {}).items():
            response.headers[name] = value
        return response

    @app.exception_handler(Exception)
    async def defect(request: Request, error: Exception) -> JSONResponse:
        # The kind of the error and where it was raised; never its words, which may quote somebody's data.
        log.error("defect %s [%s] %s", type(error).__name__, request_id(request.scope), request.scope.get("route", ""))
        return problem(
            request.scope, 500, "Something failed on our side.", "Nothing was changed.", "Try again; quote the request id.",
            code="defect",
        )  # fmt: skip
