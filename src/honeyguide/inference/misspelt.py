"""Words of job titles with one slip of the finger: a letter too many, too few, wrong, or two swapped.

Only long words that titles are made of, and only one slip, so that no other word is taken for one of them. Words that
are one slip from a word of another meaning or language (office, producto, executivo) are not among them.
"""

_WORDS = (
    "president", "director", "manager", "supervisor", "engineering", "engineer", "developer", "programmer", "architect",
    "analyst", "consultant", "specialist", "coordinator", "accountant", "recruiter", "designer", "representative",
    "marketing", "operations", "customer", "success", "software", "security", "technology", "information", "finance",
    "procurement", "logistics", "partnerships", "business", "development",
)  # fmt: skip
_SHORTEST = 6  # letters; of a shorter word one slip makes another word


def _without_one(word: str) -> set[str]:
    return {word[:i] + word[i + 1 :] for i in range(len(word))}


_LACKING: dict[str, set[str]] = {}
for _word in _WORDS:
    for _part in _without_one(_word):
        _LACKING.setdefault(_part, set()).add(_word)
_KNOWN = frozenset(_WORDS)


def mended(token: str) -> str:
    """The word that was meant, when exactly one is one slip away; else the token as it is."""
    if token in _KNOWN or len(token) < _SHORTEST - 1 or not token.isalpha():
        return token
    near = set(_LACKING.get(token, ()))  # a letter too few
    for part in _without_one(token):
        if part in _KNOWN:  # a letter too many
            near.add(part)
        near |= {w for w in _LACKING.get(part, ()) if len(w) == len(token) and _one_slip(token, w)}
    return near.pop() if len(near) == 1 else token


def _one_slip(a: str, b: str) -> bool:
    """Words of equal length: one letter differs, or two neighbours are swapped."""
    differ = [i for i in range(len(a)) if a[i] != b[i]]
    if len(differ) == 1:
        return True
    return (
        len(differ) == 2
        and differ[1] == differ[0] + 1
        and a[differ[0]] == b[differ[1]]
        and a[differ[1]] == b[differ[0]]
    )
