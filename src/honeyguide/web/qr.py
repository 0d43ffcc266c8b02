"""Addresses as QR codes: SVG, made here, no picture of anybody else's server."""

from importlib import import_module
from urllib.parse import urlencode

from honeyguide.core.errors import BadInput

_LONGEST = 400


def svg(address: str) -> str:
    """The address as an SVG picture with a quiet zone, readable when a fifteenth of it is lost. Raises BadInput."""
    if len(address) > _LONGEST:
        raise BadInput(f"An address of more than {_LONGEST} characters makes no code that a telephone reads.")
    segno = import_module("segno")  # by name: only whoever prints a link needs it
    made: str = segno.make(address, error="m", micro=False).svg_inline(scale=4, border=4, dark="#000", light="#fff")
    return made.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1) if "xmlns=" not in made else made


def tagged(address: str, utm: dict[str, str]) -> str:
    """The address with the campaign's words."""
    return f"{address}?{urlencode(utm)}" if utm else address
