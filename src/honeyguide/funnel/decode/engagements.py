"""The props of what happens between people: meetings, calls, e-mails, notes, tasks, forms, and of a warning of churn.

What our own side wrote stands in `agent_text`, never in an event's text: it is no evidence of what a customer thinks.
"""

from collections.abc import Callable
from typing import Any

from honeyguide.funnel.decode import fields
from honeyguide.funnel.decode.fields import first_text, number, whole

Props = dict[str, Any]
_OUTCOMES = ("outcome", "meeting_outcome", "call_outcome", "disposition", "status")
_STARTS = ("starts_at", "start_time", "startTime", "start", "scheduled_at")
_ENDS = ("ends_at", "end_time", "endTime", "end")
_INWARD = frozenset({"in", "inbound", "incoming", "received"})
_OUTWARD = frozenset({"out", "outbound", "outgoing", "sent"})


def direction(value: Any) -> str | None:
    """`in` (they turned to us) or `out`, from the spellings of CRMs; None when it says neither."""
    word = fields.text(value).lower()
    return "in" if word in _INWARD else "out" if word in _OUTWARD else None


def _some(**values: Any) -> Props:
    return {k: v for k, v in values.items() if v not in (None, "")}


def _ident(given: Props, noun: str) -> str:
    return first_text(given, (noun, f"{noun}_id", f"{noun}Id", "id", "hs_object_id"))


def _iso(given: Props, names: tuple[str, ...]) -> str | None:
    found = next((fields.instant(given[n]) for n in names if given.get(n) not in (None, "")), None)
    return found.isoformat() if found else None


def _title(given: Props) -> str:
    return first_text(given, ("title", "subject", "name"))


def _owner(given: Props) -> str:
    return first_text(given, ("owner", "owner_id", "owner_email", "host", "rep"))


def _meeting(_: str, g: Props, __: str) -> Props:
    return _some(
        meeting=_ident(g, "meeting"), title=_title(g), starts_at=_iso(g, _STARTS), ends_at=_iso(g, _ENDS),
        outcome=first_text(g, _OUTCOMES).lower(), owner=_owner(g),
    )  # fmt: skip


def _call(_: str, g: Props, __: str) -> Props:
    return _some(
        call=_ident(g, "call"), title=_title(g), direction=direction(g.get("direction")),
        duration_s=whole(g.get("duration_s", g.get("duration"))), outcome=first_text(g, _OUTCOMES).lower(),
        owner=_owner(g),
    )  # fmt: skip


def _email(_: str, g: Props, __: str) -> Props:
    return _some(email=_ident(g, "email"), title=_title(g), owner=_owner(g))


def _note(_: str, g: Props, __: str) -> Props:
    written = first_text(g, ("agent_text", "note", "body", "text"), fields.TEXT_MAX)
    return _some(note=first_text(g, ("note_id", "noteId", "id")), agent_text=written, owner=_owner(g))


def _task(_: str, g: Props, __: str) -> Props:
    return _some(
        task=_ident(g, "task"), title=_title(g), due_at=_iso(g, ("due_at", "due_date", "dueDate")), owner=_owner(g)
    )


def _form(_: str, g: Props, __: str) -> Props:
    return _some(form=_ident(g, "form"), title=first_text(g, ("title", "form_name", "formName", "name")), page=first_text(g, ("page", "page_url", "url")))  # fmt: skip


def _churn(_: str, g: Props, __: str) -> Props:
    return _some(
        level=first_text(g, ("level", "risk", "risk_level", "health")).lower(),
        score=number(g.get("score", g.get("health_score"))), reason=first_text(g, ("reason", "cause")),
    )  # fmt: skip


BUILDERS: dict[str, Callable[[str, Props, str], Props]] = {
    **dict.fromkeys(("meeting.booked", "meeting.held", "meeting.missed"), _meeting),
    "call.made": _call,
    **dict.fromkeys(("sales_email.sent", "sales_email.received"), _email),
    "account_note.added": _note,
    **dict.fromkeys(("account_task.created", "account_task.completed"), _task),
    "form.submitted": _form,
    "churn.risk_raised": _churn,
}
