"""The port every channel implements, and the letter it carries."""

from typing import Protocol

from msgspec import Struct, field


class Letter(Struct, frozen=True):
    """One message, ready to go. `id` is the provider-side key: the same id is the same letter, sent again."""

    id: str
    workspace_id: int
    to: str
    subject: str
    text: str
    html: str
    headers: dict[str, str] = field(default_factory=dict)


class Channel(Protocol):
    """Carries letters to people."""

    name: str

    async def send(self, letter: Letter) -> str:
        """Deliver and return the provider's reference. Raises honeyguide.core.errors.Unavailable when a later
        try may succeed, BadInput when it never will (an address that does not exist).
        """
        ...
