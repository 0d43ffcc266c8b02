"""What a rewriting must pass before anybody sees it. A model is untrusted, however good it is.

The model saw the fixed parts of the message as marks ([[offer]], [[link]] ...), so it cannot change what it did not see:
names, amounts, the link, the personal phrases and the disclosure. What it may write is held to a closed vocabulary: the
words of the draft, and small and kind words that state nothing. So a claim, a promise, a price or a name it makes up has
no words to be made of; and words that carry a fact keep the order and the owner they had ("our support", not "your").
"""

import re
import unicodedata
from collections.abc import Callable
from functools import cache
from importlib.resources import files

from msgspec import Struct

MARK = re.compile(r"\[\[([a-z_]+)\]\]")
NAMES = ("first_name", "workspace")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_ALLOWED = frozenset(" \n.,;:!?'’()-–—")
_LINKISH = re.compile(r"://|www\.|@|\w[.:/\\]\w|\b(?:https?|html?|mailto|dot|com|net|org|io)\b", re.IGNORECASE)
_NOT = re.compile(r"\b(?:not|no|never|none|nobody|nothing|neither|nor|without|cannot)\b|n['’]t\b", re.IGNORECASE)
_OWNERS = frozenset({"my", "our", "your", "their", "his", "her", "its"})
_SUBJECT_MAX, _SUBJECT_MIN = 78, 4
_ANSWERS = re.compile(r"^\s*(?:re|fwd?|aw|wg)\s*:", re.IGNORECASE)


class Masked(Struct, frozen=True):
    """What the model is shown: the draft with marks for everything fixed. `marks` in their order."""

    subject: str
    body: str
    marks: tuple[str, ...]
    exclamations: int
    never: tuple[str, ...] = ()


class Problem(Struct, frozen=True):
    """Why a rewriting is refused: a code for the record, a sentence for people."""

    code: str
    sentence: str


def problem(before: Masked, subject: str, body: str) -> Problem | None:
    """The first thing wrong with a rewriting; None when it may be shown."""
    for check in _CHECKS:
        if found := check(before, subject, body):
            return found
    return None


@cache
def soft_words() -> frozenset[str]:
    """The shipped small and kind words."""
    text = files("honeyguide.decisions.messages").joinpath("soft_words.txt").read_text(encoding="utf-8")
    return frozenset(w for line in text.splitlines() if not line.startswith("#") for w in line.split())


def free_text(text: str) -> str:
    """The words without the marks; a mark ends and begins nothing, so that names may stand inside a sentence."""
    return MARK.sub(" ", text)


def _size(before: Masked, subject: str, body: str) -> Problem | None:
    if len(subject) > 500 or len(body) > 10_000:
        return Problem("length", "It is far too long.")
    line = free_text(subject).strip()
    if not len(line) >= _SUBJECT_MIN or len(subject) > _SUBJECT_MAX or "\n" in subject or "\r" in subject:
        return Problem("length", f"The subject must be one line of {_SUBJECT_MIN} to {_SUBJECT_MAX} characters.")
    if _ANSWERS.match(subject):
        return Problem("tone", "The subject pretends to be an answer.")
    was, now = len(_WORD.findall(free_text(before.body))), len(_WORD.findall(free_text(body)))
    if not 0.4 * was <= now <= 1.5 * was + 5:
        return Problem("length", f"It has {now} words of its own where the draft has {was}.")
    return None


def _characters(_before: Masked, subject: str, body: str) -> Problem | None:
    for text in (free_text(subject), free_text(body)):
        for c in text:
            if c not in _ALLOWED and not (c.isalpha() and _is_latin(c)):
                what = "a digit" if c.isdigit() else f"the character {c!a}"
                return Problem(
                    "numbers" if c.isdigit() else "characters", f"It has {what}, which a message may not bring in."
                )
        if unicodedata.normalize("NFKC", text) != text:
            return Problem("characters", "It has letters that only look like letters.")
    return None


def _links(_before: Masked, subject: str, body: str) -> Problem | None:
    found = _LINKISH.search(free_text(subject)) or _LINKISH.search(free_text(body))
    return Problem("links", f"It has something like a link: {found.group()!r}.") if found else None


def _marks(before: Masked, subject: str, body: str) -> Problem | None:
    if "[" in free_text(subject + body) or "]" in free_text(subject + body):
        return Problem("marks", "It has a mark that is broken.")
    fixed = [m for m in MARK.findall(body) if m not in NAMES]
    if fixed != list(before.marks):
        return Problem(
            "marks", "The fixed parts (greeting, link, offer, disclosure ...) must all stay, once, in their order."
        )
    if [m for m in MARK.findall(subject) if m not in NAMES]:
        return Problem("marks", "A fixed part stands in the subject.")
    for was, now, where in ((before.subject, subject, "subject"), (before.body, body, "body")):
        if any(now.count(f"[[{name}]]") > was.count(f"[[{name}]]") for name in NAMES):
            return Problem("names", f"The {where} says a name more often than the draft.")
    alone = [p.strip() for p in body.split("\n\n")]
    if "link" in before.marks and "[[link]]" not in alone:
        return Problem("marks", "The link must stand in a paragraph of its own.")
    return _ends(before, alone)


def _ends(before: Masked, paragraphs: list[str]) -> Problem | None:
    for mark, place in (("greeting", 0), ("close", -1)):
        if mark in before.marks and paragraphs[place] != f"[[{mark}]]":
            return Problem(
                "marks", f"The {mark} must stand alone {'at the beginning' if place == 0 else 'at the end'}."
            )
    return None


def _vocabulary(before: Masked, subject: str, body: str) -> Problem | None:
    known = _words(before.subject) | _words(before.body) | soft_words()
    for word in _WORD.findall(free_text(subject)) + _WORD.findall(free_text(body)):
        if _folded(word) not in known:
            return Problem("words", f"It brings in the word {word!r}, which the draft does not have.")
    return None


def _names(before: Masked, subject: str, body: str) -> Problem | None:
    mine = {
        w for w in _WORD.findall(free_text(before.subject)) + _WORD.findall(free_text(before.body)) if w[0].isupper()
    }
    for text in (subject, body):
        for match in _WORD.finditer(text):
            word = match.group()
            if word.isupper() and len(word) > 1 and word not in mine:
                return Problem("names", f"It shouts: {word!r}.")
            if word[0].isupper() and word not in mine and word not in ("I",) and not _begins(text, match.start()):
                return Problem("names", f"It has what reads like a name: {word!r}.")
            if any(c.isupper() for c in word[1:]) and word not in mine:
                return Problem("names", f"It has what reads like a name: {word!r}.")
    return None


def _negation(before: Masked, subject: str, body: str) -> Problem | None:
    was, now = (len(_NOT.findall(free_text(f"{s}\n{b}"))) for s, b in ((before.subject, before.body), (subject, body)))
    return Problem("negation", "It denies something the draft does not.") if now > was else None


def _order(before: Masked, _subject: str, body: str) -> Problem | None:
    """Words that carry a fact stand in the draft's order, as often at most, and with the draft's owner."""
    was, now = _weighty(before.body), _weighty(body)
    place = 0
    for word in now:
        while place < len(was) and was[place] != word:
            place += 1
        if place == len(was):
            return Problem("order", f"It moves {word!r} where it says something else.")
        place += 1
    owned = _owned(before.body)
    for owner, word in _owned(body):
        if (owner, word) not in owned:
            return Problem("order", f"It speaks of {owner} {word}, which the draft does not.")
    return None


def _mood(before: Masked, subject: str, body: str) -> Problem | None:
    text = free_text(f"{subject}\n{body}")
    if text.count("!") > before.exclamations or "!!" in text or "??" in text:
        return Problem("tone", "It exclaims more than the brand allows.")
    if text.count("?") > free_text(f"{before.subject}\n{before.body}").count("?") + 1:
        return Problem("tone", "It asks more than one question more than the draft.")
    if max((len(p) for p in _WORD.findall(text)), default=0) > 24:
        return Problem("characters", "It has a word of more than 24 letters.")
    return None


def _brand(before: Masked, subject: str, body: str) -> Problem | None:
    text = " ".join(free_text(f"{subject}\n{body}").casefold().split())
    for word in before.never:
        if re.search(rf"(?<!\w){re.escape(' '.join(word.casefold().split()))}(?!\w)", text):
            return Problem("brand", f"The brand does not say {word!r}.")
    return None


def _is_latin(c: str) -> bool:
    return unicodedata.name(c, "").startswith("LATIN ")


def _folded(word: str) -> str:
    return word.replace("’", "'").casefold()


def _words(text: str) -> frozenset[str]:
    return frozenset(_folded(w) for w in _WORD.findall(free_text(text)))


def _weighty(text: str) -> list[str]:
    return [w for word in _WORD.findall(free_text(text)) if (w := _folded(word)) not in soft_words()]


def _owned(text: str) -> set[tuple[str, str]]:
    """Which weighty word belongs to whom: an owner within three words before it."""
    words = [_folded(w) for w in _WORD.findall(free_text(text))]
    found = set()
    for at, word in enumerate(words):
        if word in soft_words():
            continue
        owner = next((w for w in reversed(words[max(0, at - 3) : at]) if w in _OWNERS), None)
        if owner:
            found.add((owner, word))
    return found


def _begins(text: str, at: int) -> bool:
    """Does a sentence begin here? At the start, after a sentence's end, a colon, a line break, or a mark that ends one."""
    before = text[:at].rstrip(" (–—-")
    return not before or before[-1] in ".!?:\n]"


_CHECKS: tuple[Callable[[Masked, str, str], Problem | None], ...] = (
    _size, _links, _marks, _characters, _names, _vocabulary, _negation, _order, _mood, _brand,
)  # fmt: skip
