"""What names say against an identifier: who cannot be one person, and whose mailbox an address is. Pure.

Names are weak evidence for a join and strong evidence against one. Only full names in one script are compared: `Bob` may be
`Robert Trellwitz`, and nobody here reads Cyrillic beside Latin.
"""

import re
from collections.abc import Mapping
from functools import lru_cache

_TITLES = frozenset({"mr", "mrs", "ms", "miss", "dr", "prof", "herr", "frau", "sr", "sra", "mme", "mlle"})
_LEGAL = frozenset(
    {
        "gmbh",
        "ag",
        "ltd",
        "limited",
        "inc",
        "llc",
        "sas",
        "sarl",
        "srl",
        "bv",
        "sl",
        "kg",
        "corp",
        "company",
        "oy",
        "ab",
    }
)
_LETTERS = re.compile(r"[a-zßæœøłđ]+")


@lru_cache(maxsize=65_536)
def _words(name: str) -> tuple[str, ...]:
    """The words of a full name, folded; empty for what is no full name of a person in Latin letters."""
    words = [w for w in name.split() if w not in _TITLES]
    if len(words) < 2 or not all(_LETTERS.fullmatch(w) for w in words) or not _LEGAL.isdisjoint(words):
        return ()
    return tuple(folded(w) for w in words)


def folded(text: str) -> str:
    """Letters only, with `ae`, `oe` and `ue` as the bare vowel: what one spelling of a name has in common with another."""
    plain = re.sub(r"[^a-z]", "", text.replace("ß", "ss").replace("æ", "ae").replace("ø", "o").replace("ł", "l"))
    return re.sub(r"([aou])e", r"\1", plain)


@lru_cache(maxsize=65_536)
def clash(one: str, other: str) -> bool:
    """Are these two full names with no word in common, not even as an initial or but for a slip of the pen?"""
    mine, theirs = _words(one), _words(other)
    if not mine or not theirs:
        return False
    return not any(a.startswith(b) or b.startswith(a) or _slip(a, b) for a in mine for b in theirs)


def unlike(one: str, other: str) -> bool:
    """Have two names, of any length and script, no word in common, not even as an initial?"""
    mine, theirs = one.split(), other.split()
    return not any(a.startswith(b) or b.startswith(a) for a in mine for b in theirs)


def others(address: str, names: Mapping[int, str]) -> set[int] | None:
    """The records under an address whose names are not its owner's; None where it is nobody's own.

    Whose it is, the mailbox tells: `robert.trellwitz@` is not Mona Okafor's, and `works@` is neither's.
    """
    if len(set(names.values())) < 2:
        return set()
    label = folded(address.rpartition("@")[2].split(".")[0])
    told = {r: n for r, n in names.items() if _words(n) and label not in _words(n)}
    distinct = sorted(set(told.values()))
    if not any(clash(a, b) for i, a in enumerate(distinct) for b in distinct[i + 1 :]):
        return set()
    owners = [n for n in distinct if _spelt(address, n)]
    if not owners:
        return None
    return {r for r, n in told.items() if all(clash(n, owner) for owner in owners)}


def _spelt(address: str, name: str) -> bool:
    """Is the mailbox spelt from the name? A word of three letters or more has to be in it."""
    local = folded(address.partition("@")[0].lower())
    return any(len(w) > 2 and w in local for w in _words(name))


def _slip(a: str, b: str) -> bool:
    """Do two words of five letters or more differ by one letter, or by two neighbours that changed places?"""
    if min(len(a), len(b)) < 5 or abs(len(a) - len(b)) > 1:
        return False
    i = next((n for n, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    if len(a) != len(b):
        longer, shorter = (a, b) if len(a) > len(b) else (b, a)
        return longer[i + 1 :] == shorter[i:]
    return a[i + 1 :] == b[i + 1 :] or (a[i : i + 2] == b[i : i + 2][::-1] and a[i + 2 :] == b[i + 2 :])
