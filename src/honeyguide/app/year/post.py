"""The post of the year: a channel that keeps each letter where its reader would find it."""

import re

from msgspec import Struct

from honeyguide.delivery import Letter

_CODE = re.compile(r"/r/([A-Za-z0-9_-]{4,40})")
_STOP = re.compile(r"/u/([A-Za-z0-9_-]{20,})")


class Received(Struct, frozen=True):
    """A letter in somebody's inbox: the code of the personal link in it, and the token that stops our messages."""

    email: str
    code: str
    stop: str


class Post:
    """Implements the port of a channel; letters wait until `collect`."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._letters: dict[str, Received] = {}

    async def send(self, letter: Letter) -> str:
        """Keep the letter; the same id is the same letter."""
        code, stop = _CODE.search(letter.text), _STOP.search(letter.headers.get("List-Unsubscribe", ""))
        self._letters[letter.id] = Received(letter.to, code[1] if code else "", stop[1] if stop else "")
        return f"year:{letter.id}"

    def collect(self) -> list[Received]:
        """What has come since the last time, by address."""
        found = sorted(self._letters.values(), key=lambda one: one.email)
        self._letters.clear()
        return found
