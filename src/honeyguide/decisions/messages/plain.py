"""Untrusted words on their way into a letter: they can name something, and nothing else.

A name, a product or a quote comes from somebody else's system. Whatever it says, it may not become markup, a field of a
template, a link that a mail program would make clickable, or a sentence that tells somebody what to do.
"""

import re
import unicodedata

_NAME = re.compile(r"[^\W\d_][^\W\d_'’\-]*(?:['’\-][^\W\d_]+)*", re.UNICODE)
_STYLES = frozenset({"mr", "mrs", "ms", "dr", "prof", "herr", "frau", "mme", "sr", "sra", "ing", "dipl"})
_MAILBOXES = frozenset({
    "info", "office", "sales", "support", "admin", "team", "contact", "hello", "mail", "billing", "accounting", "service",
    "noreply", "postmaster", "marketing", "unknown", "test", "customer", "client", "user", "friend", "null", "none",
})  # fmt: skip
_NAME_MAX, _THING_MAX, _QUOTE_MIN, _QUOTE_MAX, _THING_WORDS, _WORD_MAX = 40, 40, 8, 110, 5, 30
# What mail programs make clickable: a scheme, www, an address, a dot (or something that looks like one) inside a word.
_LINKISH = re.compile(
    r"://|\bwww\b|@|/|\\|\w[.\u2024\u3002\uff0e\uff61\u00b7]\w|\bdot\s+com\b|\bhttps?\b", re.IGNORECASE
)
_THING = re.compile(r"[\w][\w &+'’\-]*", re.UNICODE)
_QUOTE = re.compile(r"[\w][\w ,;'’\-.!?()&]*", re.UNICODE)
# Words a kind remark does not need and a trick does.
_COMMANDING = re.compile(
    r"\b(ignore|disregard|instruction\w*|system|prompt|click\w*|log ?in|password\w*|passcode|verify|verification|"
    r"pay|pays|payment\w*|transfer\w*|wire|invoice\w*|refund\w*|bank\w*|iban|bitcoin|crypto\w*|gift ?card\w*|reward\w*|"
    r"prize\w*|winner|urgent\w*|immediately|call us|call me|reply|forward|download\w*|install\w*|attachment\w*|link\w*|"
    r"unsubscribe|subscribe|send|sent|code|account\w*|admin\w*|assistant|model|must)\b",
    re.IGNORECASE,
)


def first_name(name: str) -> str:
    """The given name of a full name, or "" when it does not look like one (a mailbox, a link, a number).

    A name that was typed in capitals only, or without any, gets its capital back.
    """
    tail = name.split(",", 1)[1] if name.count(",") == 1 else name
    words = [w for w in tail.split() if w.rstrip(".").casefold() not in _STYLES]
    if not words or len(words[0]) > _NAME_MAX or not _NAME.fullmatch(words[0]) or words[0].casefold() in _MAILBOXES:
        return ""
    shouted = len(words[0]) > 2 and words[0].isupper()
    return words[0].title() if shouted or words[0].islower() else words[0]


def plain(text: str) -> str:
    """Text without line ends, control characters and template brackets."""
    kept = "".join(c if c.isprintable() and c not in "{}<>" else " " for c in text)
    return " ".join(kept.split())[:120]


def thing(text: str) -> str:
    """The name of a product, a feature or an event, or "" when it could be read as anything but a name."""
    words = _line(text)
    if not 2 <= len(words) <= _THING_MAX or len(words.split()) > _THING_WORDS or not _THING.fullmatch(words):
        return ""
    return "" if _tricky(words) else words


def quote(text: str) -> str:
    """Somebody's own words, short enough to be repeated to them, or "" when they would be more than kind words."""
    words = _line(text).strip("\"'“”‘’ ").rstrip(".,; ")
    if not _QUOTE_MIN <= len(words) <= _QUOTE_MAX or not _QUOTE.fullmatch(words) or any(c.isdigit() for c in words):
        return ""
    return "" if _tricky(words) or any(len(w) > _WORD_MAX for w in words.split()) else words


def _line(text: str) -> str:
    """The text when it is one line of printable characters, else nothing: a line end inside a name is no accident."""
    text = text.strip()
    return " ".join(text.split()) if text.isprintable() else ""


def _tricky(words: str) -> bool:
    folded = unicodedata.normalize("NFKC", words)
    return folded != words or bool(_LINKISH.search(words) or _COMMANDING.search(words)) or _mixed(words)


def _mixed(words: str) -> bool:
    """Letters of several scripts in one word: a trick to look like another word."""
    return any(len({unicodedata.name(c, "?").split()[0] for c in w if c.isalpha()}) > 1 for w in words.split())
