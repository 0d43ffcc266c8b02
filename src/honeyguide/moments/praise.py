"""praise: somebody said something good about the product or our people, in words inference believes and we can quote.

A good word inside a ticket that made a support success is that moment, not another one. What the person took back soon
after is gone; what may be irony, or is somebody else's sentence, never counts.
"""

from datetime import timedelta

from honeyguide.core.terms import Evidence
from honeyguide.inference import Fact
from honeyguide.moments.moment import Moment, make, spoken
from honeyguide.moments.voice import Said, Voice, doubtful, subject_of

KIND = "praise"
# Strength and window (hours at full strength): of their own words, and of what our people wrote down.
OWN, HEARD = (0.75, 240.0), (0.5, 168.0)
SURE = 0.7  # belief in the sentence from which it counts
_AGAIN = timedelta(days=21)  # within this it is the same delight


def of_voice(voice: Voice) -> list[Moment]:
    """The moments of praise in a voice, at most one in three weeks."""
    found: list[Moment] = []
    for said in voice.said:
        moment = _moment(voice, said)
        if moment is not None and not (found and moment.occurred_at < found[-1].occurred_at + _AGAIN):
            found.append(moment)
    return found


def _moment(voice: Voice, said: Said) -> Moment | None:
    if not said.praise or said.confidence < SURE or said.helped or said.waiting or doubtful(said.quote, said.words):
        return None
    strength, hours = HEARD if said.staff else OWN
    strained = 0.7 if voice.strained(said.at) else 1.0
    made = make(
        KIND, f"said:{said.event_id}", subject=subject_of(said.record), record=said.record, company=said.company,
        strength=strength * said.confidence * strained, hours=hours,
        title=f"Praised {spoken(said.about[:80])}" if said.about else "Praised us",
        fact=Fact(said.event_id, "praise", said.at, said.source, said.ref),
        evidence=[
            Evidence(
                said.source, said.ref, said.quote, said.inferrer, round(said.confidence, 3), str(said.event_id),
                said.at.isoformat(),
            )
        ],
    )  # fmt: skip
    return None if voice.soured(made.occurred_at, made.window_ends_at) else made
