"""What one person has said and scored, over all their records: what moments of words stand on.

Words are judged by inference; here only counts what it believes, and what else the same person said soon after. Sentences
that may be meant the other way round, or that repeat somebody else's, are no delight: silence costs less than an ask
that rests on a joke.
"""

import re
from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct

from honeyguide.core.ids import entity_id
from honeyguide.inference import Fact, Ticket

# Scores as shares of the scale: NPS 9 of 10 and CSAT 5 of 5 are delight, NPS 6 and CSAT 3 are none.
PROMOTER, DETRACTOR = 0.9, 0.6

_IRONY = re.compile(
    r"(\bthanks for nothing\b|\byeah,? right\b|\bas if\b|\bjust (what|like) (we|i) (needed|always)\b|\bslow clap\b|\bhow (nice|lovely|wonderful)\b"
    r"|(^|\s)/s\b|\b(oh|well),? (great|brilliant|fantastic|wonderful|perfect|excellent|super)\b|\b(great|brilliant|fantastic|wonderful|perfect|excellent"
    r"|amazing|superb|super|impressive|awesome)\b([,.!] ?(again|now)\b|[,.!]? ?(another|yet another|job (at )?(breaking|losing))\b)|[\"'“‘](great|excellent|fantastic|brilliant|amazing|premium|best)( \w+){0,2}[\"'”’]"
    r"|\b(another|yet another|third|fourth|fifth) (outage|crash|bug|failure|downtime|error|ticket)\b|🙄|\bna toll\b|\bna super\b|\bbravo pour la panne\b)",
    re.IGNORECASE,
)
_REPORTED = re.compile(
    r"\b(your|the) (website|homepage|brochure|ad|advert|sales (rep|team|people|pitch)|vendor|flyer|marketing|competitor) (says?|said|claims?|claimed|promises?|promised|calls?|told)\b"
    r"|\b(according to|they (say|said|claim)|people say|supposedly|allegedly|so-called|we were told|i was told|he claims|she claims|as advertised|laut|angeblich|selon|soi-disant)\b",
    re.IGNORECASE,
)
_SPEECH = re.compile(
    r"\b(said|says|told|wrote|writes|calls?|called|quote[sd]?|claim(s|ed)?|meinte|schrieb|sagte|a dit)\b", re.IGNORECASE
)
_QUOTED = re.compile(r"[\"“„«]([^\"”“»]{3,})[\"”“»]")


class Said(Struct, frozen=True):
    """One judged sentence. `staff`: our own people wrote down what was said. `words` is the whole text it stands in.

    `helped`: it stands in a ticket that made a moment of its own; `waiting`: in one that nobody has solved, or in the words
    with which they came to us with a problem.
    """

    record: int
    company: int | None
    praise: bool
    at: datetime
    confidence: float
    quote: str
    about: str
    source: str
    ref: str
    inferrer: str
    event_id: UUID
    staff: bool = False
    words: str = ""
    helped: bool = False
    waiting: bool = False


class Score(Struct, frozen=True):
    """One score somebody gave: `share` of the scale; `survey` is empty for the rating of a ticket."""

    record: int
    company: int | None
    survey: str
    score: float
    top: float
    at: datetime
    source: str
    ref: str
    event_id: UUID

    @property
    def share(self) -> float:
        """The score as a share of its scale."""
        return self.score / self.top


def survey_score(fact: Fact) -> Score | None:
    """The score of a survey's answer; None when there is none, or no scale it could stand on."""
    score, top = _number(fact.props.get("score")), _number(fact.props.get("scale_max"))
    if fact.person is None or score is None:
        return None
    if top is None and 5 < score <= 10:
        top = 10.0  # nothing else goes so high; a 5 without its scale says nothing
    if top is None or top < 2 or not 0 <= score <= top:
        return None
    name = str(fact.props.get("survey") or "survey")
    return Score(fact.person, fact.company, name, score, top, fact.at, fact.source, fact.ref, fact.event_id)


def ticket_score(ticket: Ticket, record: int) -> Score | None:
    """The last rating of a ticket, as the score of whoever asked for help."""
    if ticket.rated is None or ticket.score is None:
        return None
    fact = ticket.rated
    return Score(record, ticket.company, "", float(ticket.score), 5.0, fact.at, fact.source, fact.ref, fact.event_id)


def _number(raw: object) -> float | None:
    return float(raw) if isinstance(raw, int | float) and not isinstance(raw, bool) else None


class Voice(Struct, frozen=True):
    """All one person said (`said`) and scored (`scores`), in the order of time."""

    said: tuple[Said, ...]
    scores: tuple[Score, ...]

    @staticmethod
    def of(said: list[Said], scores: list[Score]) -> "Voice":
        """A voice from what was said in any order."""
        return Voice(
            tuple(sorted(said, key=lambda s: (s.at, s.event_id, s.record, s.ref, s.quote))),
            tuple(sorted(scores, key=lambda s: (s.at, s.event_id, s.record))),
        )

    def soured(self, since: datetime, until: datetime) -> bool:
        """Whether the person complained, or gave a low score, in (since, until]."""
        words = any(not s.praise and since < s.at <= until for s in self.said)
        return words or any(s.share <= DETRACTOR and since < s.at <= until for s in self.scores)

    def strained(self, at: datetime, days: int = 14) -> bool:
        """Whether they complained or scored low not long before."""
        return self.soured(at - timedelta(days=days), at)


def subject_of(record: int) -> int:
    """What the moments of one record's voice hang on."""
    return entity_id("voice", str(record))


def doubtful(quote: str, text: str) -> bool:
    """Whether praise may be irony, or somebody else's words: judged from its sentence and what stands around it."""
    place = text.find(quote) if quote else -1
    around = text[max(0, place - 120) : place + len(quote) + 80] if place >= 0 else quote
    if _IRONY.search(around) or _REPORTED.search(around):
        return True
    line = text.rfind("\n", 0, max(place, 0)) + 1
    if place >= 0 and text[line : place + 1].lstrip().startswith(">"):
        return True
    return _is_quoted(quote, text, place)


def _is_quoted(quote: str, text: str, place: int) -> bool:
    """Whether the judging words stand in quotation marks somebody put around another one's words."""
    for found in _QUOTED.finditer(text):
        inside = place >= 0 and found.start() <= place and place + len(quote) <= found.end()
        holds = place >= 0 and place <= found.start() and found.end() <= place + len(quote)
        if inside or (holds and _SPEECH.search(quote)):
            return True
    return False
