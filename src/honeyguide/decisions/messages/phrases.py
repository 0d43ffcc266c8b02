"""Personal phrases: each rests on one edge that is believed with more than .7, and carries its evidence.

Whatever is less sure, or has words that could be read as more than a name or kind words, is left out. Nobody else is
ever named: that somebody introduced a person is said, whom they introduced is not.
"""

from collections.abc import Sequence

from honeyguide.decisions.messages.draft import Phrase
from honeyguide.decisions.messages.plain import quote, thing
from honeyguide.decisions.messages.texts import filled, texts
from honeyguide.decisions.situation import Detail

SURE = 0.7  # strictly more than this, whatever inferred it
MOST = {"full": 2, "short": 1}
# In this order of interest; a phrase that repeats what the moment is about is left out.
# One phrase about what we share, one about how they know the product: more would sound like a file being read out.
_ORDER = (("referred", "praised", "attended"), ("power_user", "uses"))
_REPEATS = {"praised": ("praise",), "power_user": ("usage_spike",), "uses": ("usage_spike",)}


def phrases(details: Sequence[Detail], moment_kind: str, length: str) -> tuple[Phrase, ...]:
    """The phrases for a message of this length, the most telling first."""
    known = [d for d in details if d.confidence > SURE and d.evidence]
    if moment_kind == "job_change":
        found = [
            p for d in known if d.kind == "works_at" and (p := _phrase("new_company", d, {"thing": thing(d.words)}))
        ]
    else:
        found = [p for kinds in _ORDER for p in _of_kinds(kinds, known, moment_kind)]
    return tuple(found[: MOST[length]])


def _of_kinds(kinds: Sequence[str], known: Sequence[Detail], moment_kind: str) -> list[Phrase]:
    mine = sorted((d for d in known if d.kind in kinds), key=lambda d: (kinds.index(d.kind), -d.confidence, d.words))
    return next(([made] for detail in mine if (made := _said(detail, moment_kind))), [])


def _said(detail: Detail, moment_kind: str) -> Phrase | None:
    if detail.kind == "praised":
        own = quote(str(detail.evidence.get("quote", "")))
        if own:
            return _phrase("praised_quote", detail, {"quote": own})
    if moment_kind in _REPEATS.get(detail.kind, ()):
        return None
    if detail.kind in ("praised", "referred"):
        return _phrase(detail.kind, detail, {})
    return _phrase(detail.kind, detail, {"thing": thing(detail.words)})


def _phrase(slot: str, detail: Detail, values: dict[str, str]) -> Phrase | None:
    if not all(values.values()):
        return None
    text = filled(texts().phrase[slot], values)
    about = f" {detail.words}" if detail.words and slot in ("power_user", "uses", "attended", "new_company") else ""
    return Phrase(text, f"{_FACTS[detail.kind]}{about}", detail.evidence, round(detail.confidence, 4))


USE = ("is a power user of", "uses")  # facts about how they know the product
_FACTS = {
    "praised": "praised us", "referred": "referred somebody", "power_user": "is a power user of", "uses": "uses",
    "attended": "attended", "works_at": "works at",
}  # fmt: skip
