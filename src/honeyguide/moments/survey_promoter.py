"""survey_promoter: somebody gave one of the best scores there are, and did not complain soon after.

The last answer to a survey counts. A good score beside fresh complaints is weaker; one that a complaint follows is none.
"""

from datetime import timedelta

from honeyguide.core.terms import Evidence
from honeyguide.inference import Fact
from honeyguide.moments.moment import Moment, make
from honeyguide.moments.voice import PROMOTER, Said, Score, Voice, doubtful, subject_of

KIND = "survey_promoter"
# Strength and window (hours at full strength): the best score there is, and the one below it.
BEST, GOOD = (0.7, 240.0), (0.6, 168.0)
WITH_WORDS = 0.15  # more, when the answer praises in words of its own
_AGAIN = timedelta(days=21)


def of_voice(voice: Voice) -> list[Moment]:
    """The moments of good scores in a voice, at most one in three weeks."""
    found: list[Moment] = []
    for score in voice.scores:
        moment = _moment(voice, score)
        if moment is not None and not (found and moment.occurred_at < found[-1].occurred_at + _AGAIN):
            found.append(moment)
    return found


def _moment(voice: Voice, score: Score) -> Moment | None:
    if not score.survey or score.share < PROMOTER or _corrected(voice, score):
        return None
    words = next((s for s in voice.said if _praises(s, score)), None)
    strength, hours = BEST if score.share >= 1 else GOOD
    strength = (strength + (WITH_WORDS if words else 0.0)) * (0.6 if voice.strained(score.at) else 1.0)
    made = make(
        KIND, f"score:{score.survey}:{score.at:%Y-%m-%d}", subject=subject_of(score.record), record=score.record,
        company=score.company, strength=strength, hours=hours, title=_title(score),
        fact=Fact(score.event_id, "survey.answered", score.at, score.source, score.ref),
        evidence=[
            Evidence(
                score.source, score.ref, words.quote if words else "", "rule:survey_promoter@1", 0.95,
                str(score.event_id), score.at.isoformat(),
            )
        ],
    )  # fmt: skip
    return None if voice.soured(made.occurred_at, made.window_ends_at) else made


def _praises(said: Said, score: Score) -> bool:
    return said.praise and said.event_id == score.event_id and not doubtful(said.quote, said.words)


def _corrected(voice: Voice, score: Score) -> bool:
    """Whether the same survey was answered again within a month, less well."""
    return any(
        s.survey == score.survey and score.at < s.at <= score.at + timedelta(days=30) and s.share < PROMOTER
        for s in voice.scores
    )


def _title(score: Score) -> str:
    """For people: `Scored 10/10 in nps-2026-q3`."""
    return f"Scored {score.score:g}/{score.top:g} in {score.survey[:60]}"
