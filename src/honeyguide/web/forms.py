"""Forms of our own pages: small, url-encoded, read without a multipart parser."""

from urllib.parse import parse_qsl

from fastapi import Request

from honeyguide.core.errors import BadInput, TooLarge

_MOST_BYTES = 16_384
_MOST_FIELDS = 20


async def fields(request: Request, **limits: int) -> dict[str, str]:
    """The named fields of a posted form, each cut to its limit of characters; absent ones are empty.

    Raises TooLarge over 16 KB, BadInput for another media type or a body that is not a form.
    """
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind not in ("", "application/x-www-form-urlencoded"):
        raise BadInput("This form takes application/x-www-form-urlencoded.")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MOST_BYTES:
            raise TooLarge("The form is too large.")
    try:
        sent = dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS))
    except ValueError as problem:
        raise BadInput("The form cannot be read.") from problem
    return {name: sent.get(name, "").replace("\x00", "")[:most] for name, most in limits.items()}
