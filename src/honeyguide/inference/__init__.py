"""inference: the edges that only reading reveals.

Contract: takes canonical events and keeps the facts judgements stand on (signals, titles, counts of use). Whatever
an event touches is judged anew from the whole set of its facts, so any order and batching gives the same beliefs.
Inferrers (`INFERRERS`, behind the port `Inferrer`) propose; the guard `admit` turns a proposal into an assertion only
with a closed label, known nodes, a confidence over the threshold and a verbatim quote; `graph.replace` keeps the
difference. Texts are read by question sets (`questions/`): rules and logged answers on the road (`readings.renew`, no model
is called), everything else by the reader (`app.reading`) through the `cascade`, within the `budget`; what a person decides
(`reviews`) is an event and the last word. Text is untrusted: whatever it says, it can only yield the labels its inferrer may use.
"""

from honeyguide.inference.guard import THRESHOLD, Refused, admit, known_to
from honeyguide.inference.port import Fact, Inferrer, Proposal, Quote, Subject, signature
from honeyguide.inference.reading import Role, roles_of
from honeyguide.inference.registry import INFERRERS
from honeyguide.inference.risks import Risk, risks
from honeyguide.inference.steps import USAGE, admitted, statistics, step
from honeyguide.inference.support import FAST_HOURS, Support
from honeyguide.inference.tables import load_subjects
from honeyguide.inference.ticket import Ticket
from honeyguide.inference.ticket import read as read_ticket
from honeyguide.inference.titles import ROLES, Reading, level_of_role, read_title, role_id, role_name
from honeyguide.inference.usage import Activity, activity_of

__all__ = [
    "FAST_HOURS",
    "INFERRERS",
    "ROLES",
    "THRESHOLD",
    "USAGE",
    "Activity",
    "Fact",
    "Inferrer",
    "Proposal",
    "Quote",
    "Reading",
    "Refused",
    "Risk",
    "Role",
    "Subject",
    "Support",
    "Ticket",
    "activity_of",
    "admit",
    "admitted",
    "known_to",
    "level_of_role",
    "load_subjects",
    "read_ticket",
    "read_title",
    "risks",
    "role_id",
    "role_name",
    "roles_of",
    "signature",
    "statistics",
    "step",
]  # fmt: skip
