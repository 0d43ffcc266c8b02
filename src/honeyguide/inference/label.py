"""A label: what somebody, or the outcome, says the answer to a question about a text is."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct

Source = Literal["accept", "reject", "correct", "csat", "status"]
# A person looked at the words. An outcome only suggests what they said.
REVIEWED: frozenset[Source] = frozenset({"accept", "reject", "correct"})


class Label(Struct, frozen=True):
    """`task` is the name of the question set without its version: labels outlive versions, as long as the label exists.

    `digest` is that of the item; `denied`: the label was rejected, and nobody said what is right instead. `weight`: how
    far to trust it, over 0 to 1.
    """

    task: str
    question: str
    digest: UUID
    label: str
    source: Source
    at: datetime
    text_ref: str = ""
    actor: str = ""
    weight: float = 1.0
    denied: bool = False
