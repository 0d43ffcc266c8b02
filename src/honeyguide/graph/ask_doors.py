"""Questions whom to ask for a referral, why, with what and when: how they are said, and how they are read back. Data.

The graph only understands them. What answers them lies above (`decisions.ANSWERS`) and is handed to `ask.run`.
"""

from collections.abc import Mapping
from typing import Any

CALLS = ("ask_now", "best_offer", "best_moment", "why_ask")
_PERSONA = ("persona",)
_MAY = r"(?:should|can|could|do|shall|must|would|might)"
_WE = r"(?:we|i|you|one|somebody)"
_FOR = r"(?: for (?:a |an |some )?(?:referrals?|recommendations?|introductions?|intros?|favou?r))?"
_FIRST = r"(?: next| first| today| this week)?"
_ASK = r"(?:ask|approach|invite|contact)"
_TIME = r"(?:moment|time|day)"

# (pattern, call, kinds of the names in it); the more telling ones first.
DOORS: tuple[tuple[str, str, Mapping[str, tuple[str, ...]]], ...] = (
    (rf"(?:who|whom) {_MAY} {_WE} {_ASK}{_FOR}{_FIRST}", "ask_now", {}),
    (rf"(?:who|whom) to {_ASK}{_FOR}{_FIRST}", "ask_now", {}),
    (rf"(?:who|whom) (?:is|are) (?:ready|worth|best|good|willing)(?: to be| to)? (?:asked|ask|asking|refer){_FOR}{_FIRST}", "ask_now", {}),
    (rf"(?:the |our )?(?:next|best|readiest) (?:advocates?|people|persons?) to {_ASK}{_FOR}{_FIRST}", "ask_now", {}),
    (rf"(?:what|which (?:offer|incentive|reward|gift)) {_MAY} {_WE} (?:offer|give|propose)(?: to)? (?P<persona>.+)", "best_offer",
     {"persona": _PERSONA}),
    (r"(?:what(?:'s| is) )?(?:the )?(?:best |right |most fitting )?(?:offer|incentive|reward) (?:for|to) (?P<persona>.+)", "best_offer",
     {"persona": _PERSONA}),
    (r"(?:what|which (?:offer|incentive|reward)) (?:would|will|does) (?:move|motivate|persuade|work (?:for|with)) (?P<persona>.+)",
     "best_offer", {"persona": _PERSONA}),
    (rf"when {_MAY} {_WE} (?:{_ASK}|write to|talk to) (?P<persona>.+?){_FOR}", "best_moment", {"persona": _PERSONA}),
    (rf"(?:when|what)(?: is|'s)? (?:a |the )?(?:best|right|good|next) {_TIME} (?:to {_ASK}|for asking|for) (?P<persona>.+?){_FOR}",
     "best_moment", {"persona": _PERSONA}),
    (rf"(?:the )?(?:best|right|good|next) {_TIME} (?:to {_ASK}|for asking|for) (?P<persona>.+?){_FOR}", "best_moment",
     {"persona": _PERSONA}),
    (rf"why (?:{_MAY} {_WE} )?(?:not )?{_ASK} (?P<persona>.+?){_FOR}", "why_ask", {"persona": _PERSONA}),
    (r"(?:is|how) (?P<persona>.+?) ready(?: to be asked| to refer)?", "why_ask", {"persona": _PERSONA}),
    (r"how ready (?:is|are) (?P<persona>.+?)(?: to be asked| to refer)?", "why_ask", {"persona": _PERSONA}),
    (r"(?:the )?readiness of (?P<persona>.+)", "why_ask", {"persona": _PERSONA}),
    (r"why (?P<persona>.+)", "why_ask", {"persona": _PERSONA}),
)  # fmt: skip

EXAMPLES: tuple[tuple[str, str], ...] = (
    ("ask_now", "who should I ask now"),
    ("best_offer", "what should I offer {persona}"),
    ("best_moment", "when should I ask {persona}"),
    ("why_ask", "why should I ask {persona}"),
)


def sentence(call: str, a: Mapping[str, Any]) -> str:
    """One of these calls in words."""
    name = getattr(a.get("persona"), "name", "")
    at = f" at {a['company'].name}" if a.get("company") else ""
    return {
        "ask_now": f"Whom to ask for a referral now{at}, why, and with what",
        "best_offer": f"What to offer {name}, and why",
        "best_moment": f"When to ask {name}, and why",
        "why_ask": f"What speaks for and against asking {name}",
    }[call]
