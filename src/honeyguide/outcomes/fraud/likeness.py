"""How alike two addresses, names or domains are: what somebody changes who pretends to be somebody else. Pure."""

import re
import unicodedata
from functools import lru_cache

from honeyguide.core import normalise

# Letters that are read as another: the ones registrars see most in look-alike names, Cyrillic and Greek ones included.
_LOOKS = str.maketrans({
    "0": "o", "1": "l", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b", "9": "g", "|": "l", "!": "l", "$": "s",
    "а": "a", "е": "e", "о": "o", "р": "p", "с": "c", "х": "x", "у": "y", "і": "i", "ј": "j", "ѕ": "s", "һ": "h", "ԁ": "d",
    "ԛ": "q", "ԝ": "w", "к": "k", "м": "m", "т": "t", "н": "h", "в": "b", "α": "a", "ο": "o", "ρ": "p", "ν": "v", "ι": "l",
    "κ": "k", "τ": "t", "υ": "u", "ε": "e", "ı": "l", "ł": "l", "ø": "o", "đ": "d", "ɡ": "g", "ḷ": "l",
})  # fmt: skip
_PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"), ("nn", "m"))
_SHORTEST = 5  # shorter names are a letter apart by chance


@lru_cache(maxsize=65_536)
def skeleton(text: str) -> str:
    """The text as a hasty reader sees it: no accents, no case, look-alike letters as one."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    seen = "".join(c for c in plain if not unicodedata.combining(c)).translate(_LOOKS)
    for pair, one in _PAIRS:
        seen = seen.replace(pair, one)
    return seen.replace("i", "l")


def distance(one: str, other: str, most: int = 3) -> int:
    """Letters to add, drop, change or swap with their neighbour (optimal string alignment); `most` + 1 for more."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        line = [i]
        for j, b in enumerate(other, 1):
            cost = min(row[j] + 1, line[j - 1] + 1, row[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, before[j - 2] + 1)
            line.append(cost)
        before, row = row, line
    return min(row[-1], most + 1)


@lru_cache(maxsize=65_536)
def words(text: str) -> tuple[str, ...]:
    """The words of a name or mailbox, without accents, case and digits, in the order of the alphabet."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(c for c in plain if not unicodedata.combining(c))
    return tuple(sorted(w for w in re.split(r"[^a-z\u0080-\U0010ffff]+", letters) if w))


def local(address: str) -> str:
    """The part before the @, without a "+tag"."""
    return address.strip().lower().rsplit("@", 1)[0].split("+", 1)[0]


def same_local(one: str, other: str) -> bool:
    """Are two mailboxes named alike: but for dots, dashes, digits at the end, or the order of the words?"""
    a, b = local(one), local(other)
    if normalise.is_role_inbox(one) or normalise.is_role_inbox(other):
        return False  # everybody has an info@
    bare_a, bare_b = _bare(a), _bare(b)
    if len(bare_a) >= _SHORTEST and bare_a == bare_b:
        return True
    several = words(a)
    return len(several) > 1 and several == words(b) and len("".join(several)) >= _SHORTEST


def _bare(mailbox: str) -> str:
    return re.sub(r"\d+$", "", re.sub(r"[._\-]", "", mailbox))


@lru_cache(maxsize=65_536)
def spellings(name: str) -> frozenset[str]:
    """How a full name is written before an @: maya.ortiz, ortizmaya, mortiz, m.ortiz, mayao; empty for one word."""
    parts = words(name)
    if len(parts) < 2:
        return frozenset()
    found: set[str] = set()
    for first in parts:
        for last in parts:
            if first != last:
                found |= {first + last, first[0] + last, last + first[0]}
    return frozenset(f for f in found if len(f) >= _SHORTEST)


def same_name(one: str, other: str) -> bool:
    """Do two full names have the same words, in any order? One word alone is anybody's."""
    a, b = words(one), words(other)
    return len(a) > 1 and a == b


def near_name(one: str, other: str) -> bool:
    """The same full name but for one letter in all."""
    a, b = words(one), words(other)
    if len(a) < 2 or len(a) != len(b) or a == b:
        return False
    return len("".join(a)) >= _SHORTEST + 3 and sum(distance(x, y, 1) for x, y in zip(a, b, strict=True)) == 1


def named_after(address: str, name: str) -> bool:
    """Does this mailbox carry this person's name?"""
    return _bare(local(address)) in spellings(name)


@lru_cache(maxsize=65_536)
def label(domain: str) -> str:
    """The name in a registrable domain, in readable letters: `acme` of `acme.co.uk`."""
    first = domain.split(".", 1)[0]
    if first.startswith("xn--"):
        try:
            first = first.encode().decode("idna")
        except UnicodeError:
            return first
    return first


def looks_like(domain: str, known: str) -> str | None:
    """How `domain` imitates `known`, in a word; None when it does not. Equal domains do not imitate each other."""
    if domain == known:
        return None
    a, b = label(domain), label(known)
    if a == b:
        return "ending" if len(b) >= _SHORTEST else None
    if len(b) < _SHORTEST:
        return None
    if skeleton(a) == skeleton(b):
        return "letters"
    if re.sub(r"[-_]", "", a) == re.sub(r"[-_]", "", b):
        return "dash"
    return "letter" if len(b) >= _SHORTEST + 2 and distance(a, b, 1) == 1 and not _numbered(a, b) else None


def _numbered(one: str, other: str) -> bool:
    """Do they differ in digits only? `studio54` and `studio55` are two names."""
    return re.sub(r"\d", "", one) == re.sub(r"\d", "", other)
