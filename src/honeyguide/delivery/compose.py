"""From an ask to the letter: Liquid with limits for the text, MJML compiled once for the frame.

Customers' text is rendered as plain text first and escaped as a whole when it is set into the HTML frame, so no
field and no draft can carry markup into a mail. A field the draft names and we do not know stops the message.
"""

from functools import cache
from importlib.resources import files
from typing import Any

import mrml
from liquid import Environment, StrictUndefined
from liquid.exceptions import LiquidError
from msgspec import Struct, field

from honeyguide.core.errors import BadInput

MAX_BODY = 20_000


class MissingField(BadInput):
    """The draft names a field this person does not have; sending a blank would be worse than not sending."""

    code = "missing_field"


class AskMessage(Struct, frozen=True):
    """An approved ask and all its message needs. `fields` are the merge fields of subject and body.

    `follow_up`: 0 for the ask's own message, else the number of the reminder.
    """

    ask_id: str
    record_id: int
    company_record_id: int | None
    channel: str
    to_address: str
    subject: str
    body: str
    link: str
    portal_link: str
    workspace: str
    timezone: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    follow_up: int = 0


class Composed(Struct, frozen=True):
    """A subject of one line, a plain text part and an HTML part that say the same."""

    subject: str
    text: str
    html: str


class _Limited(Environment):
    context_depth_limit = 8
    loop_iteration_limit = 1_000
    local_namespace_limit = 10_000
    output_stream_limit = 200_000


_plain = _Limited(undefined=StrictUndefined)
_escaping = _Limited(undefined=StrictUndefined, autoescape=True)


def compose(ask: AskMessage, unsubscribe_url: str) -> Composed:
    """Render subject, text and HTML. Raises MissingField, or BadInput when the draft is not valid Liquid."""
    known: dict[str, Any] = {
        **{name: value for name, value in ask.fields.items() if value},
        "link": ask.link,
        "portal_link": ask.portal_link,
        "workspace": ask.workspace,
        "unsubscribe_url": unsubscribe_url,
    }
    if len(ask.body) > MAX_BODY or len(ask.subject) > 1_000:
        raise BadInput("The message is too long.", f"A body may have {MAX_BODY:,} characters, a subject 1,000.")
    subject = one_line(_render(ask.subject, known, "subject"))
    if not subject:
        raise MissingField("The subject is empty.", advice="Write a subject before approving.")
    body = _render(ask.body, known, "body").replace("\r\n", "\n").strip()
    if not body:
        raise MissingField("The message is empty.", advice="Write a message before approving.")
    paragraphs = [p.strip() for p in body.split("\n\n") if p.strip()]
    # A line that is nothing but the personal link becomes its button; the portal's link stands below anyway.
    shown = [p for p in paragraphs if p != ask.portal_link]
    words = [p for p in shown if p != ask.link]
    frame = {
        **known, "body": body, "paragraphs": shown, "shows_link": ask.link in shown,
        "preheader": one_line(words[0] if words else subject)[:120],
    }  # fmt: skip
    return Composed(subject=subject, text=_text().render(**frame).strip() + "\n", html=_html().render(**frame))


def one_line(text: str) -> str:
    """Text that cannot break out of a header: control characters and line ends become single spaces."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _render(source: str, known: dict[str, Any], part: str) -> str:
    try:
        return str(_plain.from_string(source).render(**known))
    except LiquidError as problem:
        what = str(problem).splitlines()[0].split(",")[0].strip()
        if "is undefined" in what:
            name = what.split("'")[1].strip("{} ") if "'" in what else what
            raise MissingField(
                f"The {part} needs {name!r}, which is not known for this person.",
                advice="Take the field out of the text, or add it to the person.",
            ) from problem
        raise BadInput(
            f"The {part} cannot be rendered: {what}.", advice="Check its {{ fields }} and {% tags %}."
        ) from (problem)


@cache
def _html() -> Any:
    return _escaping.from_string(_compiled("ask.mjml"))


@cache
def _text() -> Any:
    return _plain.from_string(_template("ask.txt"))


def _template(name: str) -> str:
    return files("honeyguide.delivery").joinpath("templates", name).read_text(encoding="utf-8")


@cache
def _compiled(name: str) -> str:
    """The HTML of an MJML template, Liquid tags still in place; about 0.1 ms, once per start."""
    return str(mrml.to_html(_template(name)).content)
