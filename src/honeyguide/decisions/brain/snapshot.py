"""Everything a decision depends on besides its situation and its seeds: kept, so that decisions replay to the bit."""

from typing import Any

import msgspec
import numpy as np
from msgspec import Struct

from honeyguide.decisions.brain.schema import Floats, Ints, Schema


class Prices(Struct, frozen=True):
    """Money, per action and per group, in one currency's units.

    `reward` is due on a share, `commission` a share of a won deal's value, `contact` the cost of a message; `margin` what
    a won deal is worth, `goodwill` what an advocate who leaves was worth.
    """

    reward: Floats
    commission: Floats
    contact: Floats
    margin: Floats
    goodwill: Floats


class Config(Struct, frozen=True):
    """How a brain chooses. `floor` is the exploration in total; `defer` the share of asks put off by a day at random.

    `worn` names the number that counts recent asks; it decays with a mean life of `wear_days`, and its `edges` cut the
    opt-out table. `kind` and `moment` name the dimension and the number that describe the open moment (zero where there is
    none); `kinds` are the places that may come, `sizes` how strong and how likely, and `past` the numbers that will be
    zero by then, `rested` what will be left of recent asks. An ask must be worth `hurdle` times its cost on top of it: where
    nothing is to be gained, errors of estimation alone would go on asking. `temper` scales the doubt the first draws are made with, `settled` the later ones (as shares are
    seen: exploring all of the doubt costs more than it teaches, and late there is less time to earn by it), `caution` the
    stopping rule's threshold, and `eager` what it is scaled with before anything was learned: an early ask also teaches. `steady` scales
    the doubt the rates (qualification, wins, opt-outs) are drawn with. With `stakes` above zero more of the doubt is explored
    where a referral is worth less (a power of its worth). `ripens` and `wary`: so many shares for each coefficient, and the
    temper is half way to settled, and the caution half way up. `pooled`: how many coefficients the playbook's guess of its own
    doubt is worth in a block (`Widths`).
    """

    worn: str
    kind: str
    moment: str
    kinds: int
    sizes: tuple[tuple[float, float], ...] = ((0.5, 0.25), (1.0, 0.5), (1.5, 0.25))
    past: tuple[str, ...] = ()
    rested: float = 0.7
    hurdle: float = 1.0
    edges: tuple[float, ...] = (0.5, 1.2, 2.0)
    wear_days: float = 65.0
    gap: float = 21.0
    floor: float = 0.02
    draws: int = 48
    defer: float = 0.05
    caution: float = 1.0
    temper: float = 0.3
    settled: float = 0.3
    eager: float = 0.5
    steady: float = 0.6
    pooled: float = 6.0
    ripens: float = 3.0
    stakes: float = 0.0
    wary: float = 0.3


class Snapshot(Struct, frozen=True):
    """A state of the brain. `organic` are coefficients over situations (those of actions are not used). Rates are beta parameters; `quality` and `manner` say which column an action belongs to."""

    schema: Schema
    config: Config
    prices: Prices
    share_mean: Floats
    share_root: Floats
    qualify: tuple[Floats, Floats]
    opt_out: tuple[Floats, Floats]
    organic: Floats
    win: tuple[Floats, Floats]
    quality: Ints
    manner: Ints
    contact_price: float = 0.0
    money_price: float = 0.0
    temper: float = 1.0
    ripe: float = 1.0

    @property
    def caution(self) -> float:
        """The scale of the stopping rule's threshold now: it rises as shares are seen."""
        return self.config.caution * (self.config.eager + (1 - self.config.eager) * self.ripe)

    @property
    def wear(self) -> float:
        """How much one more recent ask takes off the log-odds of sharing."""
        at = _place(self.schema, self.config.worn)
        return max(0.0, -float(self.share_mean[at]))


def _place(schema: Schema, number: str) -> int:
    return 1 + sum(schema.size(d) for d in schema.context) + schema.numbers.index(number)


def dump(snapshot: Snapshot) -> bytes:
    """The snapshot as bytes, exact to the bit."""
    return msgspec.msgpack.encode(snapshot, enc_hook=_encode)


def load(stored: bytes) -> Snapshot:
    """The snapshot `dump` wrote."""
    return msgspec.msgpack.decode(stored, type=Snapshot, dec_hook=_decode)


def _encode(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return [value.dtype.str, list(value.shape), np.ascontiguousarray(value).tobytes()]
    raise TypeError(f"{type(value)} has no place in a snapshot")


def _decode(wanted: Any, value: Any) -> Any:
    kind, shape, raw = value
    return np.frombuffer(raw, dtype=kind).reshape(shape)
