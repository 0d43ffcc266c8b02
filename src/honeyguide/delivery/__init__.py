"""Delivery: carries an approved ask to its advocate, or says plainly why not.

Contract
- Consent is a ledger of rows, one per statement, with ids made of their content: the same events in any order give
  the same consent. No row, no message.
- `queue_message` checks consent, contact budget and quiet hours under locks in the transaction that writes the
  message, so two approvals at once cannot both pass. A message that may not go is kept, `blocked`, with its reason.
- `send_due` asks for consent again, in the transaction that sends: a withdrawal that has been answered is final.
- A channel gets the message's id as its key, so that a repeat after a crash is recognised on the other side.

Owns: consent, message, sink_mail (the sink itself is a plug-in: honeyguide.channels.sink).
"""

from honeyguide.delivery.budget import Contacts, Limits, over_budget
from honeyguide.delivery.channel import Channel, Letter
from honeyguide.delivery.compose import AskMessage, Composed, MissingField, compose
from honeyguide.delivery.consent import ConsentRow, consents_in, current_state
from honeyguide.delivery.queue import Message, queue_message, refusal
from honeyguide.delivery.quiet import next_allowed
from honeyguide.delivery.send import send_due
from honeyguide.delivery.steps import step
from honeyguide.delivery.tables import consent_of, keep_sink_mail
from honeyguide.delivery.unsubscribe import find_message, withdraw

__all__ = [
    "AskMessage",
    "Channel",
    "Composed",
    "ConsentRow",
    "Contacts",
    "Letter",
    "Limits",
    "Message",
    "MissingField",
    "compose",
    "consent_of",
    "consents_in",
    "current_state",
    "find_message",
    "keep_sink_mail",
    "next_allowed",
    "over_budget",
    "queue_message",
    "refusal",
    "send_due",
    "step",
    "withdraw",
]
