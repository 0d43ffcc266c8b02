"""The calls a question can become: a closed list, each a typed traversal with its arguments. Nothing else is ever run."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct, field

from honeyguide.core.errors import BadInput
from honeyguide.graph import ask_doors
from honeyguide.graph.ask_grammar import Named, Reading
from honeyguide.graph.ask_names import Ref
from honeyguide.graph.ask_words import RELATIONS

_PERSONA, _COMPANY = ("persona",), ("company",)
_ANY = ("persona", "company", "product", "feature", "deal", "ticket")
SCORES = ("advocacy", "influence", "referred", "introduced", "praised", "complained_of")


class Call(Struct, frozen=True):
    """One call: the names it takes with the kinds they may be of, and its plain values (`enum` lists what is allowed)."""

    name: str
    about: str
    names: dict[str, tuple[str, ...]] = field(default_factory=dict)
    optional: frozenset[str] = frozenset()
    values: dict[str, str] = field(default_factory=dict)


_RELATION = "relation"  # its kinds of names follow from the relation
CALLS: dict[str, Call] = {
    c.name: c
    for c in (
        Call("who", "who stands in a relation to something", {"target": (), "company": _COMPANY},
             frozenset({"target", "company"}), {"relation": _RELATION, "since": "date", "until": "date", "only": "persona|company"}),
        Call("whom", "to what or whom something stands in a relation", {"subject": ()}, frozenset(),
             {"relation": _RELATION, "since": "date", "until": "date"}),
        Call("count", "how many stand in a relation (to something)", {"target": (), "company": _COMPANY},
             frozenset({"target", "company"}),
             {"relation": _RELATION, "since": "date", "until": "date", "only": "persona|company"}),
        Call("evidence", "why an edge is believed", {"subject": (), "target": ()}, frozenset(), {"relation": _RELATION}),
        Call("opinion", "what somebody said of something, for and against",
             {"persona": _PERSONA, "target": ("product", "feature", "company", "deal")}),
        Call("staff", "who works at a company, or did at a time", {"company": _COMPANY}, frozenset(),
             {"at": "date", "since": "date"}),
        Call("employer", "where somebody works, or did at a time", {"persona": _PERSONA}, frozenset(), {"at": "date"}),
        Call("colleagues", "who works with somebody", {"persona": _PERSONA}),
        Call("colleagues_of_referred_using", "who works with people somebody referred and uses a product",
             {"persona": _PERSONA, "product": ("product", "feature")}),
        Call("buying_group", "who decides at a company: role, stance, influence and why", {"company": _COMPANY}),
        Call("path", "how somebody is connected to a person or company", {"from": _PERSONA, "to": ("persona", "company")}),
        Call("introducers", "who knows somebody at a company", {"company": _COMPANY}),
        Call("changes", "what changed about something in a period", {"entity": _ANY}, frozenset(),
             {"since": "date", "until": "date"}),
        Call("story", "what happened around something, newest first", {"entity": _ANY}),
        Call("influence", "how influential somebody is, and why", {"persona": _PERSONA}),
        Call("top", "who leads by a score", {"company": _COMPANY}, frozenset({"company"}),
             {"score": "|".join(SCORES), "limit": "int"}),
        Call("about", "what surrounds something", {"entity": _ANY}),
        Call("ask_now", "whom to ask for a referral now, why and with what", {"company": _COMPANY}, frozenset({"company"})),
        Call("best_offer", "what to offer somebody for a referral", {"persona": _PERSONA}),
        Call("best_moment", "when to ask somebody for a referral", {"persona": _PERSONA}),
        Call("why_ask", "what speaks for and against asking somebody for a referral", {"persona": _PERSONA}),
    )
}  # fmt: skip
_NEEDED = {"relation", "score"}


def kinds_of(call: Call, argument: str, relation: str = "") -> tuple[str, ...]:
    """Which kinds of nodes an argument may name."""
    fixed = call.names[argument]
    if fixed or not relation:
        return fixed
    found = RELATIONS[relation]
    return found.targets if argument == "target" else found.subjects


def chosen(name: str, arguments: Mapping[str, Any]) -> Reading:
    """A call chosen from outside (a model's closed choice) as a reading. Raises BadInput on anything not in the list."""
    call = CALLS.get(name)
    if call is None:
        raise BadInput(f"There is no call {name!r}.", f"It is one of: {', '.join(CALLS)}.")
    unknown = sorted(set(arguments) - set(call.names) - set(call.values))
    if unknown:
        raise BadInput(f"The call {name} takes no {', '.join(unknown)}.")
    given = {k: v for k, v in arguments.items() if v not in (None, "")}
    missing = [a for a in call.names if a not in call.optional and a not in given]
    missing += [v for v in call.values if v in _NEEDED and v not in given]
    if missing:
        raise BadInput(f"The call {name} lacks {', '.join(missing)}.")
    values = {k: _value(k, call.values[k], v) for k, v in given.items() if k in call.values}
    relation = str(values.get("relation", ""))
    names = {k: Named(str(v)[:200], kinds_of(call, k, relation)) for k, v in given.items() if k in call.names}
    return Reading(name, names, values)


def _value(name: str, kind: str, value: Any) -> Any:
    if kind == "date":
        return _date(name, value)
    if kind == "int":
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 100:
            raise BadInput(f"{name} is {value!r}.", "It takes a number from 1 to 100.")
        return value
    allowed = tuple(RELATIONS) if kind == _RELATION else tuple(kind.split("|"))
    if value not in allowed:
        raise BadInput(f"{name} is {value!r}.", f"It is one of: {', '.join(allowed)}.")
    return value


def _date(name: str, value: Any) -> datetime:
    try:
        found = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except ValueError as e:
        raise BadInput(f"{name} is {value!r}.", "It takes a date such as 2026-03-01.") from e
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def sentence(call: str, a: Mapping[str, Any]) -> str:
    """The call in words: what will be answered, so that a misunderstanding shows."""
    if call in ask_doors.CALLS:
        return ask_doors.sentence(call, a) + _period(a) + "."
    make = _SENTENCES[call]
    return make(a) + _period(a) + "."


def _period(a: Mapping[str, Any]) -> str:
    said = ""
    if a.get("since"):
        said += f" since {_day(a['since'])}"
    if a.get("until"):
        said += f" until before {_day(a['until'])}"
    if a.get("at"):
        said += f" on {_day(a['at'])}"
    return said


def _day(at: datetime) -> str:
    return f"{at:%Y-%m-%d}"


def _name(a: Mapping[str, Any], key: str) -> str:
    found = a.get(key)
    return found.name if isinstance(found, Ref) else ""


def _at(a: Mapping[str, Any]) -> str:
    return f" at {_name(a, 'company')}" if a.get("company") else ""


def _who(a: Mapping[str, Any]) -> str:
    whose = "Companies" if a.get("only") == "company" else "Who"
    return f"{whose}: {RELATIONS[a['relation']].says} {_name(a, 'target') or 'anything or anybody'}{_at(a)}"


def _count(a: Mapping[str, Any]) -> str:
    of = f" {_name(a, 'target')}" if a.get("target") else ""
    return f"How many: {RELATIONS[a['relation']].says}{of}{_at(a)}"


_SCORES = {
    "advocacy": "referrals, introductions, championing and praise", "influence": "influence", "referred": "people referred",
    "introduced": "introductions made", "praised": "praise given", "complained_of": "complaints made",
}  # fmt: skip
_SENTENCES: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "who": _who,
    "whom": lambda a: f"What or whom: {_name(a, 'subject')} {RELATIONS[a['relation']].says}",
    "count": _count,
    "evidence": lambda a: (
        f"Why we believe: {_name(a, 'subject')} {RELATIONS[a['relation']].says} {_name(a, 'target')}"
    ),
    "opinion": lambda a: f"What {_name(a, 'persona')} said of {_name(a, 'target')}",
    "staff": lambda a: f"Who works at {_name(a, 'company')}",
    "employer": lambda a: f"Where {_name(a, 'persona')} works",
    "colleagues": lambda a: f"Colleagues of {_name(a, 'persona')}",
    "colleagues_of_referred_using": lambda a: (
        f"Colleagues of people {_name(a, 'persona')} referred, who use {_name(a, 'product')}"
    ),
    "buying_group": lambda a: f"The buying group of {_name(a, 'company')}",
    "path": lambda a: f"How {_name(a, 'from')} is connected to {_name(a, 'to')}",
    "introducers": lambda a: f"Who outside knows somebody at {_name(a, 'company')}",
    "changes": lambda a: f"What changed about {_name(a, 'entity')}",
    "story": lambda a: f"What happened around {_name(a, 'entity')}, newest first",
    "influence": lambda a: f"How influential {_name(a, 'persona')} is, and why",
    "top": lambda a: f"Who leads by {_SCORES[a['score']]}{_at(a)}",
    "about": lambda a: f"What we know about {_name(a, 'entity')}",
}  # fmt: skip
