"""What a job title says, by the rules of `titles`, in the options of the set `title`."""

from honeyguide.inference.clauses import clauses
from honeyguide.inference.contract import NONE, Item, Span
from honeyguide.inference.rules_found import Found
from honeyguide.inference.titles import Reading, read_title

_GATEKEEPERS = frozenset({"it", "security", "legal"})
_BUYERS = ("procurement", "purchas", "buyer", "einkauf", "achat", "compras", "sourcing")


def _read(item: Item) -> tuple[Reading | None, tuple[Span, ...]]:
    return read_title(item.text), clauses(item.text)[:1]


def seniority(item: Item) -> Found:
    """The level, as sure as its wording makes us."""
    reading, spans = _read(item)
    return (
        Found({NONE: 0.6})
        if reading is None
        else Found({reading.seniority: min(0.96, reading.confidence + 0.05)}, spans)
    )


def department(item: Item) -> Found:
    """The department that is named first."""
    reading, spans = _read(item)
    if reading is None or reading.department is None:
        return Found({NONE: 0.6})
    return Found({reading.department: 0.88}, spans)


def buying_role(item: Item) -> Found:
    """From level and department: a habit of companies, no fact, so never very sure."""
    reading, spans = _read(item)
    if reading is None:
        return Found({NONE: 0.6})
    words = item.text.casefold()
    if (reading.department == "finance" and reading.level >= 2) or any(w in words for w in _BUYERS):
        return Found({"budget_holder": 0.66}, spans)
    if reading.department in _GATEKEEPERS and (reading.level >= 2 or reading.department != "legal"):
        return Found({"technical_gatekeeper": 0.66}, spans)
    if reading.level >= 3:
        return Found({"decision_maker": 0.7}, spans)
    if reading.level == 2 or reading.department == "product":
        return Found({"influencer": 0.62}, spans)
    return Found({"end_user": 0.66}, spans)
