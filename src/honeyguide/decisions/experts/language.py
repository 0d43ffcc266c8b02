"""The language expert: what a language model answered to a briefing. It is never called while a decision is made.

A briefing is closed words (stage, segment, vertical, seniority, moment, step), rounded counts, the legal actions by what
they are, and numbered lines of evidence that name nobody; so equal situations ask one question, its answer is kept, and a
replay asks nobody. The model may only point: at one of the listed actions and at lines of the evidence. The words shown
are those lines, which are ours. Without an answer the expert has no opinion, and without a key nobody ever asks.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Protocol
from uuid import UUID

import msgspec
from msgspec import Struct

from honeyguide.core.ids import content_id
from honeyguide.decisions.expert import Context, Proposal
from honeyguide.decisions.situation import WAIT, Action

VERSION = "1"
WORDS = ("stage", "segment", "vertical", "seniority", "moment", "step")
SOURCES = ("playbook", "record")  # evidence that names nobody: lines of the playbook, figures of our own record
_LINE, _MOST = 200, 12


class Briefing(Struct, frozen=True):
    """A question to a language model. `options`: label -> what the action is; `keys`: label -> action key."""

    question: UUID
    words: dict[str, str]
    numbers: dict[str, float]
    options: dict[str, str]
    keys: dict[str, str]
    evidence: dict[str, str]

    @property
    def text(self) -> str:
        """The briefing as text: one fact or line of evidence per line."""
        told = [f"{name}: {value}" for name, value in self.words.items()]
        told += [f"{name.replace('_', ' ')}: {value:g}" for name, value in self.numbers.items()]
        return "\n".join([*told, *(f"{ident}. {line}" for ident, line in self.evidence.items())])


class Reply(Struct, frozen=True):
    """What a model answered: probabilities by label, the evidence it points at, its name, what it cost."""

    distribution: Mapping[str, float]
    cited: Sequence[str]
    model: str
    cost_micros: int = 0


class Answered(Protocol):
    """An answer that was kept."""

    @property
    def model(self) -> str: ...
    @property
    def distribution(self) -> dict[str, float]: ...
    @property
    def reason(self) -> str: ...
    @property
    def evidence(self) -> list[dict[str, Any]]: ...


class Model(Protocol):
    """The port to a language model; the application gives one that keeps consent and budget, or none."""

    async def choose(self, briefings: Sequence[Briefing]) -> list[Reply | None]:
        """Answers in order; None where there is none. Raises Unavailable or TooMuch when it cannot be asked now."""
        ...


class Language:
    """Proposes what the model answered to this situation's briefing, if it was ever asked."""

    name = "language"
    version = VERSION

    def __init__(self, answers: Mapping[UUID, Answered]) -> None:
        self._answers = answers

    def propose(self, context: Context, legal: Sequence[Action]) -> Proposal:
        """The kept answer over the legal actions; no mass at all when there is none."""
        known = self._answers.get(question_of(context, legal))
        if known is None:
            return Proposal({}, "")
        return Proposal({a.key: known.distribution.get(a.key, 0.0) for a in legal}, known.reason, list(known.evidence))


def briefing_of(context: Context, legal: Sequence[Action]) -> Briefing:
    """The briefing of a situation. Nothing in it names a person or a company, nothing was written by a customer."""
    words = {n: _closed(context.words[n]) for n in WORDS if context.words.get(n)}
    numbers = {n: _rounded(v) for n, v in sorted(context.numbers.items())[:_MOST] if math.isfinite(v)}
    asks = sorted((a for a in legal if a.key != WAIT), key=lambda a: a.key)
    keys = {f"a{n}": a.key for n, a in enumerate(asks, 1)} | {WAIT: WAIT}
    options = {f"a{n}": _told(a) for n, a in enumerate(asks, 1)} | {WAIT: "Ask nothing now."}
    lines = [str(e.get("quote") or "") for e in context.evidence if e.get("source") in SOURCES and e.get("quote")]
    evidence = {f"E{n}": " ".join(line.split())[:_LINE] for n, line in enumerate(lines[:_MOST], 1)}
    told = msgspec.json.encode([VERSION, sorted(words.items()), sorted(numbers.items()), sorted(keys.items()),
                                sorted(options.items()), sorted(evidence.items())])  # fmt: skip
    return Briefing(content_id("language", told), words, numbers, options, keys, evidence)


def question_of(context: Context, legal: Sequence[Action]) -> UUID:
    """The id of a situation's briefing."""
    return briefing_of(context, legal).question


def kept(briefing: Briefing, reply: Reply) -> tuple[dict[str, float], str, list[dict[str, Any]], list[str]] | str:
    """A reply as it may be kept: distribution over action keys, reason, evidence, what was dropped; or why it may not.

    Labels that were not offered, numbers that are none and evidence that was not shown are dropped. A reply that points
    at no legal action, or at no line of evidence although there was some, is not kept.
    """
    dropped = [
        f"{label[:40]} was not offered" for label in list(reply.distribution)[:_MOST] if label not in briefing.keys
    ]
    mass = {label: _mass(reply.distribution.get(label, 0.0)) for label in briefing.keys}
    total = math.fsum(mass.values())
    if total <= 0:
        return "It chose nothing that was offered."
    cited = list(dict.fromkeys(c for c in reply.cited if c in briefing.evidence))[:4]
    if invented := [c for c in reply.cited if c not in briefing.evidence]:
        dropped.append(f"{len(invented)} pieces of evidence nobody showed it")
    if briefing.evidence and not cited:
        return "It points at no evidence it was shown."
    distribution = {briefing.keys[label]: m / total for label, m in mass.items()}
    best = max(mass, key=lambda label: mass[label])
    reason = briefing.evidence[cited[0]] if cited else f"It would rather: {briefing.options[best]}"
    evidence = [
        {"source": "expert:language", "record": ident, "quote": briefing.evidence[ident], "inferrer": reply.model[:80],
         "confidence": None}
        for ident in cited
    ]  # fmt: skip
    return distribution, reason, evidence, dropped


def _mass(value: object) -> float:
    good = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value >= 0
    return min(float(value), 1.0) if good else 0.0  # type: ignore[arg-type]  # checked above


def _told(action: Action) -> str:
    parts = [action.incentive.replace("_", " ") or "no reward", action.size, f"{action.tone} tone",
             action.length, f"by {action.channel}"]  # fmt: skip
    return ", ".join(p for p in parts if p)


def _closed(word: str) -> str:
    """A closed word, whatever a third party put there."""
    return "".join(c for c in word[:60] if c.isalnum() or c in "_-/ ")


def _rounded(value: float) -> float:
    """One significant figure: situations that hardly differ ask one question."""
    if value == 0:
        return 0.0
    digits = -math.floor(math.log10(abs(value)))
    return round(value, digits)
