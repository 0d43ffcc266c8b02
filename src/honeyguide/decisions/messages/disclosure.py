"""What the law wants said when a recommendation may be rewarded, and when an employer's rules come first.

Somebody who recommends for a reward has to say so: 16 CFR Part 255 (United States), the Unfair Commercial Practices
Directive 2005/29/EC (European Union; Germany: section 5a UWG), the DMCC Act 2024 (United Kingdom) ask for it in their own words.
The duty falls on the person who recommends and, in part, on the company that has them do it; so the message tells them.
We ask for it everywhere: a country that is unknown is not one without such a law. This is no legal advice.
"""

from honeyguide.decisions.messages.texts import texts
from honeyguide.programs.journey import Segment, Vertical

_LAWS: tuple[tuple[frozenset[str], str], ...] = (
    (frozenset({"us", "usa", "united states", "united states of america"}), "16 CFR Part 255 (FTC Endorsement Guides)"),
    (frozenset({"gb", "uk", "united kingdom", "england", "scotland", "wales"}),
     "Digital Markets, Competition and Consumers Act 2024, and the CAP Code"),
    (frozenset({"de", "germany", "deutschland"}), "section 5a UWG"),
    (frozenset({"at", "be", "bg", "hr", "cy", "cz", "dk", "ee", "fi", "fr", "gr", "hu", "ie", "it", "lv", "lt", "lu", "mt", "nl", "pl",
                "pt", "ro", "sk", "si", "es", "se", "austria", "belgium", "denmark", "finland", "france", "ireland", "italy",
                "netherlands", "poland", "portugal", "spain", "sweden"}), "Directive 2005/29/EC on unfair commercial practices"),
)  # fmt: skip
_REWARDS = frozenset({"commission", "renewal_credit", "beta_access", "gift_card"})
# Where staff often may not take anything from a supplier.
_STRICT_SEGMENTS: frozenset[Segment] = frozenset({"enterprise"})
_STRICT_VERTICALS: frozenset[Vertical] = frozenset({"fintech", "health"})


def disclosure(incentive: str) -> str:
    """The sentence for a message that offers this; empty when nothing is offered for the recommendation."""
    return texts().disclosure["reward"] if incentive in _REWARDS else ""


def policy_note(incentive: str, segment: Segment, vertical: Vertical) -> str:
    """A word on the employer's rules where they often forbid rewards; a partner's commission is its business."""
    if incentive == "commission" or incentive not in _REWARDS:
        return ""
    strict = segment in _STRICT_SEGMENTS or vertical in _STRICT_VERTICALS
    return texts().disclosure["policy"] if strict else ""


def law_of(country: str) -> str:
    """The law the sentence is for, as people look it up; the general reason when the country is unknown."""
    word = country.strip().casefold()
    return next((law for names, law in _LAWS if word in names), "asked for everywhere: most countries have such a law")


def kept(body: str, sentence: str) -> bool:
    """Does the text still say it? Differences of white space alone do not matter."""
    return not sentence or " ".join(sentence.split()) in " ".join(body.split())


def put_back(body: str, sentence: str) -> str:
    """The text with the sentence, at its end when somebody took it out."""
    return body if kept(body, sentence) else f"{body.rstrip()}\n\n{sentence}\n"
