"""Errors a person can act on: what happened, why, and what to do.

The web turns them into problem+json with their status, the CLI into one sentence. Anything else that is
raised is a defect of ours.
"""


class HoneyguideError(Exception):
    """Base of every expected failure. `title` says what happened, `detail` why, `advice` what to do."""

    status = 500
    code = "error"

    def __init__(self, title: str, detail: str = "", *, advice: str = "", code: str | None = None) -> None:
        super().__init__(title)
        self.title, self.detail, self.advice = title, detail, advice
        if code:
            self.code = code

    def sentence(self) -> str:
        """The whole message in one line, for a terminal."""
        return " ".join(part for part in (self.title, self.detail, self.advice) if part)


class BadInput(HoneyguideError):
    """The input is not of the documented form (400)."""

    status, code = 400, "bad_input"


class Unauthenticated(HoneyguideError):
    """Nobody is signed in, or the key is unknown (401)."""

    status, code = 401, "unauthenticated"


class Forbidden(HoneyguideError):
    """Signed in, but this role or person may not (403)."""

    status, code = 403, "forbidden"


class NotFound(HoneyguideError):
    """There is no such thing in this workspace (404)."""

    status, code = 404, "not_found"


class Conflict(HoneyguideError):
    """The state has moved on, or the key was used for something else (409)."""

    status, code = 409, "conflict"


class TooLarge(HoneyguideError):
    """The body is over the documented limit (413)."""

    status, code = 413, "too_large"


class TooMuch(HoneyguideError):
    """Over a rate or a queue limit (429); try again after `retry_after` seconds."""

    status, code = 429, "too_much"
    retry_after = 1


class Unavailable(HoneyguideError):
    """A part we need is not there right now (503); nothing was accepted."""

    status, code = 503, "unavailable"
    retry_after = 2
