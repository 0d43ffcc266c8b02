"""Where a customer stands on the journey, and what kind of customer it is: the dimensions playbooks are written for."""

from collections.abc import Mapping
from typing import Any, Literal

Stage = Literal["onboarding", "adoption", "value", "renewal", "expansion", "advocacy", "dormant"]
Segment = Literal["partner", "enterprise", "mid_market", "small_business"]
Vertical = Literal["saas", "fintech", "health", "manufacturing", "agencies", "other"]

STAGES: tuple[Stage, ...] = ("onboarding", "adoption", "value", "renewal", "expansion", "advocacy", "dormant")
SEGMENTS: tuple[Segment, ...] = ("partner", "enterprise", "mid_market", "small_business")
VERTICALS: tuple[Vertical, ...] = ("saas", "fintech", "health", "manufacturing", "agencies", "other")

STAGE_NAMES: dict[Stage, str] = {
    "onboarding": "Onboarding", "adoption": "Adoption", "value": "Value reached", "renewal": "Renewal",
    "expansion": "Expansion", "advocacy": "Advocacy", "dormant": "Dormant",
}  # fmt: skip
SEGMENT_NAMES: dict[Segment, str] = {
    "partner": "Channel partners", "enterprise": "Enterprise", "mid_market": "Mid-market",
    "small_business": "Small business",
}  # fmt: skip
VERTICAL_NAMES: dict[Vertical, str] = {
    "saas": "SaaS", "fintech": "Fintech", "health": "Health", "manufacturing": "Manufacturing",
    "agencies": "Agencies", "other": "Other",
}  # fmt: skip

_SEGMENT_WORDS: dict[str, Segment] = {
    "partner": "partner", "agency partner": "partner", "reseller": "partner", "channel": "partner",
    "enterprise": "enterprise", "large": "enterprise",
    "mid market": "mid_market", "midmarket": "mid_market", "medium": "mid_market",
    "small business": "small_business", "small": "small_business", "smb": "small_business",
    "startup": "small_business", "self serve": "small_business",
}  # fmt: skip
_VERTICAL_WORDS: tuple[tuple[Vertical, tuple[str, ...]], ...] = (
    ("fintech", ("fintech", "financ", "bank", "insur", "payment", "lending")),
    ("health", ("health", "medic", "pharma", "hospital", "biotech", "clinic")),
    ("manufacturing", ("manufactur", "industrial", "automotive", "machinery", "logistic", "chemical", "construction")),
    ("agencies", ("agency", "agencies", "advertising", "marketing service", "consult", "design studio")),
    ("saas", ("saas", "software", "internet", "information technology", "cloud", "computer")),
)
ENTERPRISE_FROM, MID_MARKET_FROM = 1000, 100  # employees


def segment_of(facts: Mapping[str, Any]) -> Segment:
    """The segment of a company by its facts: its own word first, then `partner`, then the number of employees.

    A company nothing is known of counts as a small business: the cautious choice, its offers are the smallest.
    """
    if str(facts.get("partner", "")).casefold() in {"true", "yes", "1"}:
        return "partner"
    word = " ".join(str(facts.get("segment") or "").casefold().replace("_", " ").replace("-", " ").split())
    if word in _SEGMENT_WORDS:
        return _SEGMENT_WORDS[word]
    try:
        employees = float(str(facts.get("employees") or 0).replace(",", ""))
    except ValueError:
        employees = 0.0
    if employees >= ENTERPRISE_FROM:
        return "enterprise"
    return "mid_market" if employees >= MID_MARKET_FROM else "small_business"


def vertical_of(facts: Mapping[str, Any]) -> Vertical:
    """The vertical of a company by its facts `vertical` or `industry`; `other` when they say nothing we know."""
    word = str(facts.get("vertical") or facts.get("industry") or "").casefold()
    return next((v for v, words in _VERTICAL_WORDS if any(w in word for w in words)), "other")
