"""The inferrers that run, in one visible place. A new tier is one more line here."""

from honeyguide.inference.port import Inferrer
from honeyguide.inference.praise import Praise
from honeyguide.inference.support import Support
from honeyguide.inference.titles import Titles

INFERRERS: tuple[Inferrer, ...] = (Titles(), Support(), Praise())
