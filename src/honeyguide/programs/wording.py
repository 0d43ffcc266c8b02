"""Conditions as sentences and back: what is read is what is edited. `read_sentence(in_sentence(c))` says the same as `c`.

`the number of employees is at least 500 and (the company's segment is "enterprise" or the event's "plan" is "pro")`
"""

import re

from honeyguide.core.errors import BadInput
from honeyguide.core.money import exponent, money_text
from honeyguide.programs.conditions import number
from honeyguide.programs.terms import Compare, Condition, Conditions

PHRASES = {
    "segment": "the company's segment", "plan": "the company's plan", "industry": "the company's industry",
    "country": "the company's country", "partner": "the company is a partner", "employees": "the number of employees",
    "seniority": "the person's seniority", "amount": "the deal's amount", "currency": "the deal's currency",
    "contract_months": "the months of the contract", "product": "the product bought",
    "payment_number": "the number of the payment", "customer_number": "the number of the customer",
}  # fmt: skip
_OWNERS = {"company": "company", "person": "person", "advocate": "advocate", "event": "event"}
COMPARISONS: dict[Compare, str] = {
    "is": "is", "is_not": "is not", "one_of": "is one of", "none_of": "is none of", "at_least": "is at least",
    "at_most": "is at most", "contains": "contains",
}  # fmt: skip
EVERYBODY = "everybody no other group fits"
_TOKEN = re.compile(r'\s*("(?:[^"\\]|\\.)*"|\(|\)|,(?=\s)|[^\s()"]+)')


def in_sentence(conditions: Conditions | None, currency: str = "EUR") -> str:
    """The conditions as a clause; empty when there are none."""
    if conditions is None:
        return ""
    if conditions.default:
        return EVERYBODY
    join, parts = _shape(conditions)
    return f" {join} ".join(_part(p, join, currency) for p in parts)


def _shape(one: Conditions | Condition) -> tuple[str, list[Condition]]:
    """What joins the parts of a clause at its top, and the parts; brackets around one part alone fall away."""
    every, some = list(one.all), list(one.any)
    if every and len(some) > 1:
        every.append(Condition(any=some))
    elif every:
        every += some
    join, parts = ("and", every) if every else ("or", some)
    if len(parts) == 1 and not parts[0].fact:
        return _shape(parts[0])
    return join, parts


def _part(one: Condition, inside: str, currency: str) -> str:
    if one.fact:
        return clause(one, currency)
    join, parts = _shape(one)
    text = f" {join} ".join(_part(p, join, currency) for p in parts)
    return f"({text})" if len(parts) > 1 and join != inside else text


def clause(one: Condition, currency: str = "EUR") -> str:
    """One comparison: `the company's segment is one of "enterprise" or "large"`."""
    if one.fact == "partner" and isinstance(one.value, bool) and one.op == "is":
        return "the company is a partner" if one.value else "the company is not a partner"
    return f"{phrase(one.fact)} {COMPARISONS[one.op]} {_value(one, currency)}"


def phrase(fact: str) -> str:
    """An attribute's name in words."""
    if fact in PHRASES and fact != "partner":
        return PHRASES[fact]
    owner, _, name = fact.partition(".")
    if owner == "graph":
        return f"the number of {_quoted(name)} connections"
    return f"the {_OWNERS.get(owner, 'company')}'s {_quoted(name or fact)}"


def _value(one: Condition, currency: str) -> str:
    if isinstance(one.value, list):
        texts = [_quoted(v) for v in one.value]
        return f"{', '.join(texts[:-1])} or {texts[-1]}" if len(texts) > 1 else "".join(texts) or "nothing"
    if isinstance(one.value, bool):
        return "yes" if one.value else "no"
    if isinstance(one.value, int) and one.fact == "amount":
        return money_text(one.value, currency).replace(" ", "")
    if isinstance(one.value, int | float):
        return f"{one.value:,}" if isinstance(one.value, int) else repr(one.value)
    return _quoted(one.value) if one.value is not None else "nothing"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def read_sentence(text: str, currency: str = "EUR") -> Conditions:
    """The conditions a sentence says. Raises BadInput with the place that is not understood."""
    told = " ".join(text.split()).rstrip(".")
    if not told:
        return Conditions()
    if told == EVERYBODY:
        return Conditions(default=True)
    reader = _Reader(text.strip().rstrip("."), currency)
    found = reader.either()
    reader.end()
    if found.fact:
        return Conditions(all=[found])
    return Conditions(all=found.all, any=found.any)


class _Reader:
    """A sentence read word by word."""

    def __init__(self, text: str, currency: str) -> None:
        self._words = _TOKEN.findall(text)
        self._at, self._currency, self._deep = 0, currency, 0

    def either(self) -> Condition:
        """Clauses joined by `or`, of which each may be joined by `and`."""
        parts = [self._every()]
        while self._take("or"):
            parts.append(self._every())
        return parts[0] if len(parts) == 1 else Condition(any=parts)

    def _every(self) -> Condition:
        parts = [self._one()]
        while self._take("and"):
            parts.append(self._one())
        if len(parts) == 1:
            return parts[0]
        last = parts[-1]  # only where it is told last: the same sentence comes out again
        if not last.fact and last.any and not last.all:
            return Condition(all=parts[:-1], any=last.any)
        return Condition(all=parts)

    def _one(self) -> Condition:
        if not self._take("("):
            return self._clause()
        self._deep += 1
        if self._deep > 20:
            raise self._lost("fewer brackets")
        found = self.either()
        self._deep -= 1
        if not self._take(")"):
            raise self._lost("a closing bracket")
        return found

    def _clause(self) -> Condition:
        if self._take("the", "company", "is", "a", "partner"):
            return Condition("partner", "is", True)
        if self._take("the", "company", "is", "not", "a", "partner"):
            return Condition("partner", "is", False)
        fact = self._fact()
        op = next(
            (o for o in sorted(COMPARISONS, key=lambda o: -len(COMPARISONS[o])) if self._take(*COMPARISONS[o].split())),
            None,
        )
        if op is None:
            raise self._lost("a comparison: " + ", ".join(COMPARISONS.values()))
        return Condition(fact, op, self._list() if op in ("one_of", "none_of") else self._single(fact))

    def _fact(self) -> str:
        for name, words in PHRASES.items():
            if name != "partner" and self._take(*words.split()):
                return name
        if self._take("the", "number", "of"):
            name = self._text()
            if self._take("connections"):
                return f"graph.{name}"
            raise self._lost("the word connections")
        for owner, word in _OWNERS.items():
            if self._take("the", f"{word}'s"):
                return f"{owner}.{self._text()}"
        raise self._lost("what the condition speaks of")

    def _list(self) -> list[str]:
        found = [self._text()]
        while self._next().startswith('"') or (self._next() in (",", "or") and self._next(1).startswith('"')):
            if not self._next().startswith('"'):
                self._at += 1
            found.append(self._text())
        return found

    def _text(self) -> str:
        word = self._next()
        if not word.startswith('"'):
            raise self._lost("a word in quotation marks")
        self._at += 1
        return re.sub(r"\\(.)", r"\1", word[1:-1])

    def _single(self, fact: str) -> str | int | float | bool:
        word = self._next()
        if word.startswith('"'):
            return self._text()
        self._at += 1
        if word in ("yes", "no"):
            return word == "yes"
        figure = (
            re.sub(r"^-?[^\d.-]*", lambda m: "-" if m.group().startswith("-") else "", word)
            if fact == "amount"
            else word
        )
        if fact == "amount" and (minor := _minor(figure, self._currency)) is not None:
            return minor
        plain = figure.replace(",", "")
        if re.fullmatch(r"-?\d+", plain):
            return int(plain)
        found = number(plain)
        if found is None:
            self._at -= 1
            raise self._lost("a number, yes, no, or a word in quotation marks")
        return found

    def _next(self, ahead: int = 0) -> str:
        place = self._at + ahead
        return self._words[place] if place < len(self._words) else ""

    def _take(self, *words: str) -> bool:
        fits = all(self._next(n).casefold() == w.casefold() for n, w in enumerate(words))
        self._at += len(words) if fits else 0
        return fits

    def end(self) -> None:
        """Nothing may be left."""
        if self._next():
            raise self._lost("and, or, or the end")

    def _lost(self, wanted: str) -> BadInput:
        place = " ".join(self._words[self._at : self._at + 4]) or "the end"
        return BadInput("The sentence is not understood.", f"At {place!r} it needs {wanted}.")


def _minor(figure: str, currency: str) -> int | None:
    places = exponent(currency)
    found = re.fullmatch(r"(-?)([\d,]+)(?:\.(\d+))?", figure)
    if found is None or len(found[3] or "") > places:
        return None
    whole: int = int(found[2].replace(",", "") or 0) * int(10**places) + int((found[3] or "").ljust(places, "0") or 0)
    return -whole if found[1] else whole
