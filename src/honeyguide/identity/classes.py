"""What each kind of identifier is worth: its class, its rank, and how many of it one person or company may have.

Strong ones join records on their own, weak ones attach records nothing strong speaks for, hints join nothing and
only suggest, blocked ones are no identifiers at all. The limits are looser than anybody's usual number of addresses:
one step too tight loses true merges, none at all joins a whole office (measured on generated contacts: precision
0.10 without limits, 0.92 with them, at the same recall).
"""

from functools import lru_cache
from typing import Literal

from honeyguide.core import normalise

Class = Literal["strong", "weak", "hint", "blocked"]

MERGE = "merge"
# A value on more records than this names nobody: a kiosk, a shared mailbox, a switchboard.
CROWD, WEAK_CROWD = 50, 12
_MERGED_AT_ONCE = 200
# No automatic merge makes anything larger. People have tens of records at most.
MOST_RECORDS = 50
# A record that carries more addresses than this is not one person's: none of them counts as evidence.
RECORD_MOST = 4

# Sites where anybody has a page: a company that gives one as its website has told no domain of its own. Hosts below
# a shared suffix (`a.myshopify.com`) are told apart by the public-suffix list already.
_SHARED_SITES = frozenset({
    "facebook.com", "linkedin.com", "instagram.com", "twitter.com", "x.com", "youtube.com", "tiktok.com", "xing.com",
    "google.com", "linktr.ee", "medium.com", "notion.site", "github.com", "gitlab.com", "wikipedia.org", "crunchbase.com",
    "yelp.com", "etsy.com", "ebay.com", "amazon.com", "bit.ly",
})  # fmt: skip
_HINTS = frozenset({"company_name", "name"})
_RANK = {MERGE: 0, "user_id": 1, "email": 3, "domain": 3}
# How many different values one persona or company may have; anything not named: _OTHER.
_LIMITS = {"email": 3, "email:personal": 3, "email:domain": 2, "user_id": 1, "domain": 5}
_EXTERNAL, _OTHER = 2, 5


def class_of(ns: str, value: str, strong: bool) -> Class:
    """The class of a normalised identifier; `strong` is what the source's decoder holds of it."""
    if normalise.is_blocked(value):
        return "blocked"
    if ns in _HINTS:
        return "hint"
    return "strong" if strong else "weak"


def names_a_company(domain: str) -> bool:
    """May a domain stand for one company? Not those of mailbox providers, nor those of sites where anybody has a page."""
    return not normalise.is_free_mail(domain) and normalise.registrable_domain(domain) not in _SHARED_SITES


def rank(ns: str, value: str) -> int:
    """The place of an identifier in the order of evidence: the lower, the earlier it may join."""
    if ns == "email":
        return 4 if normalise.is_free_mail(value) else 3
    return _RANK.get(ns, 2 if ns.startswith("external:") else 5)


def crowd(ns: str, strong: bool) -> int:
    """On how many records a value may stand and still name somebody."""
    return _MERGED_AT_ONCE if ns == MERGE else CROWD if strong else WEAK_CROWD


@lru_cache(maxsize=65_536)
def counted_as(ns: str, value: str) -> tuple[str, ...]:
    """The limits a strong value counts against. A work address counts twice: among all, and within its domain."""
    if ns == MERGE:
        return ()
    if ns != "email":
        return (ns,)
    if normalise.is_free_mail(value):
        return ("email:personal",)
    return ("email", f"email:domain:{value.rsplit('@', 1)[-1]}")


@lru_cache(maxsize=4_096)
def limit(counted: str) -> int:
    """How many values one persona or company may have of what `counted_as` named."""
    if counted.startswith("email:domain:"):
        return _LIMITS["email:domain"]
    if counted.startswith("external:"):
        return _EXTERNAL
    return _LIMITS.get(counted, _OTHER)


def in_words(counted: str) -> str:
    """What a limit counts, for people."""
    if counted.startswith("email:domain:"):
        return f"addresses at {counted.removeprefix('email:domain:')}"
    names = {
        "email": "work addresses",
        "email:personal": "personal addresses",
        "user_id": "user ids",
        "domain": "domains",
    }
    return names.get(counted, f"ids of {counted.removeprefix('external:')}")
