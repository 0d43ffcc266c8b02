"""The vertical expert: a table of what works where, read by the company's vertical. No data of the workspace.

Each line shifts the log-odds of a share by one feature of an action or its situation. An action's sum, shrunk by how unsure
its lines are, is turned into a distribution by a softmax in which waiting has a fixed place. Its lines are its evidence.
"""

import math
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import msgspec
from msgspec import Struct

from honeyguide.decisions.expert import Context, Proposal
from honeyguide.decisions.situation import WAIT, Action

_FILE = Path(__file__).with_name("vertical.yaml")
_SHARP = 2.0  # how far a difference in log-odds separates two actions


class Line(Struct, frozen=True, forbid_unknown_fields=True):
    """One belief: in this vertical (or any) this feature shifts the log-odds by `mean`, give or take `sd`."""

    vertical: str
    feature: str
    mean: float
    sd: float
    says: str

    @property
    def weight(self) -> float:
        """The mean, shrunk towards nothing by its own doubt."""
        return self.mean * self.mean**2 / (self.mean**2 + self.sd**2) if self.mean else 0.0


class Table(Struct, frozen=True, forbid_unknown_fields=True):
    """The whole table, versioned. `wait`: the place of waiting; `base`: the share expected without any line."""

    version: int
    source: str
    base: float
    wait: float
    lines: tuple[Line, ...]


@cache
def table() -> Table:
    """The shipped table."""
    return msgspec.yaml.decode(_FILE.read_bytes(), type=Table)


class Vertical:
    """Proposes by the table of what works where."""

    name = "vertical"

    def __init__(self, given: Table | None = None) -> None:
        self._table = given or table()
        self.version = str(self._table.version)

    def propose(self, context: Context, legal: Sequence[Action]) -> Proposal:
        """A softmax over the sums of the lines that speak about each action here."""
        vertical = context.words.get("vertical", "other")
        mine = [one for one in self._table.lines if one.vertical in (vertical, "any")]
        here = {a.key: _features(context, a) for a in legal}
        spoken = {key: [x for x in mine if x.feature in found] for key, found in here.items()}
        sums = {a.key: self._table.wait if a.key == WAIT else math.fsum(x.weight for x in spoken[a.key]) for a in legal}
        most = max(sums.values())
        mass = {key: math.exp(_SHARP * (value - most)) for key, value in sums.items()}
        total = math.fsum(mass.values())
        best = max(mass, key=lambda key: mass[key])
        because = sorted(spoken[best], key=lambda x: (-abs(x.weight), x.feature))
        said = because[0].says if because else f"The table says nothing about {vertical} here."
        return Proposal(
            {key: m / total for key, m in mass.items()},
            said,
            [
                {"source": f"expert:{self.name}", "record": f"{x.vertical} {x.feature}", "quote": x.says,
                 "inferrer": self._table.source, "confidence": round(_sure(x), 3)}
                for x in because[:4]
            ],
            chance=None if best == WAIT else self._chance(sums[best]),
        )  # fmt: skip

    def _chance(self, shift: float) -> float:
        odds = math.log(self._table.base / (1 - self._table.base)) + shift
        return 1 / (1 + math.exp(-odds))


def _features(context: Context, action: Action) -> frozenset[str]:
    found = {f"incentive:{action.incentive}", f"tone:{action.tone}", f"channel:{action.channel}"}
    found |= {f"{name}:{value}" for name in ("size", "length") if (value := getattr(action, name, ""))}
    return frozenset(
        found | {f"{name}:{context.words[name]}" for name in ("moment", "seniority") if name in context.words}
    )


def _sure(line: Line) -> float:
    """How sure the table is of the sign."""
    return 0.5 * (1 + math.erf(abs(line.mean) / (line.sd * math.sqrt(2))))
