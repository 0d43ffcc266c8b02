"""The funnel: everything anyone tells us, once, in one log.

Contract: a payload that was answered with 2xx is in the log (or is a known duplicate) and survives a crash of us and
of PostgreSQL. Every input ends in exactly one of: log, duplicate, dead letter with its reason and bytes (an id used
again with another body is one), or a 4xx to the caller; the counters per source add up. Bodies are kept byte for
byte. Reading them is `decode`: pure, repeatable, and what it does not know becomes `custom`, never nothing.

Doors write through a `Committer` (group commit); stages and imports through `append` in their own transaction.
"""

from honeyguide.funnel.committer import Committer
from honeyguide.funnel.decode import decode
from honeyguide.funnel.decode.mapping import ImportMapping, parse_mapping, read_mapping
from honeyguide.funnel.events import Broken, Lane, NewEvent, Outcome, Undecodable, Verdict, own_event
from honeyguide.funnel.imports import ImportRun, import_file
from honeyguide.funnel.ingest import append
from honeyguide.funnel.letters import DeadLetter, dead_letter, dead_letters
from honeyguide.funnel.sources import (
    Source,
    create_source,
    ensure_source,
    internal_source,
    load_sources,
    renew_key,
    source_of_key,
    source_totals,
)
from honeyguide.funnel.tables import logged_events

__all__ = [
    "Broken",
    "Committer",
    "DeadLetter",
    "ImportMapping",
    "ImportRun",
    "Lane",
    "NewEvent",
    "Outcome",
    "Source",
    "Undecodable",
    "Verdict",
    "append",
    "create_source",
    "dead_letter",
    "dead_letters",
    "decode",
    "ensure_source",
    "import_file",
    "internal_source",
    "load_sources",
    "logged_events",
    "own_event",
    "parse_mapping",
    "read_mapping",
    "renew_key",
    "source_of_key",
    "source_totals",
]
