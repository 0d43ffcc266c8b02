"""What becomes of an ask's reminders, in one sentence."""

from collections.abc import Sequence

from honeyguide.decisions.follow_up_tables import CANCELLED, OFF, PLANNED, SENT, FollowUpRow
from honeyguide.programs.playbooks.sentences import TONE_WORDS

_CHANNELS = {"email": "by e-mail", "inapp": "in the product"}


def told(rows: Sequence[FollowUpRow]) -> str:
    """The newest thing that can be said: what is planned, what has gone, or why it does not go."""
    if not rows:
        return "This step sends no reminder."
    gone = [r for r in rows if r.state == SENT]
    rest = [r for r in rows if r.state != SENT]
    said = [f"A reminder went out on {gone[-1].changed_at:%d %B %Y}."] if gone else []
    if rest:
        said.append(_next(rest[0], len(rest)))
    return " ".join(said)


def _next(row: FollowUpRow, left: int) -> str:
    if row.state == OFF:
        return "Reminders are switched off for this ask."
    if row.state == CANCELLED:
        return f"No {'further ' if row.number > 1 else ''}reminder goes: {row.reason[:1].lower()}{row.reason[1:]}"
    if row.state != PLANNED:
        return "A reminder is on its way."
    tone = TONE_WORDS[row.tone]
    one = f"{'an' if tone[0] in 'aeiou' else 'a'} {tone} reminder {_CHANNELS[row.channel]}"
    when = f"on {row.due_at:%d %B %Y}" if row.due_at else f"after {row.after_days} days"
    more = f", and another one {row.after_days} days later" if left > 1 else ""
    return f"If nothing comes of it, {one} goes {when}{more}."
