"""The words of an ask: composed from slots and known facts, rewritten by a model only behind checks.

Contract
- `compose` gives a draft or the sentence that says what is missing; a blank is never written.
- A personal phrase rests on one edge believed with more than .7 and carries its evidence; nobody else is named.
- Names, products and quotes are untrusted: they never become markup, a field, a link or an instruction.
- Whatever offers a reward says that the recommendation may be rewarded, and no edit or rewriting takes that out.

Owns: ask_phrase.
"""

from honeyguide.decisions.messages.compose import compose, offer_words
from honeyguide.decisions.messages.disclosure import disclosure, kept, law_of, policy_note, put_back
from honeyguide.decisions.messages.draft import LINK, Draft, Part, Phrase
from honeyguide.decisions.messages.phrase_tables import forget as forget_phrases
from honeyguide.decisions.messages.plain import first_name, plain
from honeyguide.decisions.messages.reading import details_of
from honeyguide.decisions.messages.reminder import remind
from honeyguide.decisions.messages.rewriting import Brand, Refused, Rewritten, Writer, rewrite

__all__ = [
    "LINK",
    "Brand",
    "Draft",
    "Part",
    "Phrase",
    "Refused",
    "Rewritten",
    "Writer",
    "compose",
    "details_of",
    "disclosure",
    "first_name",
    "forget_phrases",
    "kept",
    "law_of",
    "offer_words",
    "plain",
    "policy_note",
    "put_back",
    "remind",
    "rewrite",
]
