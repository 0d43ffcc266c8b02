"""The funnel: everything anyone tells us, once, in one log.

Contract: a payload that was answered with 2xx is in the log (or is a known duplicate) and survives a crash of us and
of PostgreSQL. Every input ends in exactly one of: log, duplicate, dead letter with its reason and bytes (an id used
again with another body is one), or a 4xx to the caller; the counters per source add up. Bodies are kept byte for
byte. Reading them is `decode`: pure, repeatable, and what it does not know becomes `custom`, never nothing.

Doors write through a `Committer` (group commit); stages and imports through `append` in their own transaction.
"""

from honeyguide.funnel.catalogue import Shape, cost, shapes
from honeyguide.funnel.committer import Committer
from honeyguide.funnel.decode import decode
from honeyguide.funnel.decode.mapping import ImportMapping, parse_mapping, read_mapping
from honeyguide.funnel.events import Broken, Lane, NewEvent, Outcome, Undecodable, Verdict, own_event
from honeyguide.funnel.health import (
    Day,
    Health,
    add_source,
    connector_of,
    new_key,
    pause,
    resume,
    snippet,
    source_days,
    source_health,
    source_named,
    source_of,
    trust_source,
)
from honeyguide.funnel.imports import ImportRun, import_file
from honeyguide.funnel.ingest import append, forget_old_ids
from honeyguide.funnel.letter_runs import LetterRun, letter_run, retry_many, start_retry, step_retry
from honeyguide.funnel.letters import (
    Carry,
    DeadLetter,
    Filter,
    Retried,
    count_letters,
    dead_letter,
    dead_letters,
    drop,
    edit_and_retry,
    letter,
    letter_reasons,
    logged_row,
    quarantined,
    retry,
)
from honeyguide.funnel.live import LiveRow, Preview, live_rows, preview
from honeyguide.funnel.mappings import MappingVersion, read_by, versions
from honeyguide.funnel.plans import PlanEvent, PropertyType, TrackingPlan, parse_events, plan_of, set_plan, violations
from honeyguide.funnel.reading import PutAside, Reader, note, open_reader
from honeyguide.funnel.replays import (
    ReplayRun,
    count_replays,
    replay_run,
    replay_runs,
    start_replay,
    unfinished_replay,
)
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
from honeyguide.funnel.suppression import (
    Suppression,
    count_suppressions,
    lift,
    redact_suppressed,
    suppress,
    suppressed,
    suppression_of,
    suppressions,
)
from honeyguide.funnel.tables import logged_events
from honeyguide.funnel.trust import money_words

__all__ = [
    "Broken",
    "Carry",
    "Committer",
    "Day",
    "DeadLetter",
    "Filter",
    "Health",
    "ImportMapping",
    "ImportRun",
    "Lane",
    "LetterRun",
    "LiveRow",
    "MappingVersion",
    "NewEvent",
    "Outcome",
    "PlanEvent",
    "Preview",
    "PropertyType",
    "PutAside",
    "Reader",
    "ReplayRun",
    "Retried",
    "Shape",
    "Source",
    "Suppression",
    "TrackingPlan",
    "Undecodable",
    "Verdict",
    "add_source",
    "append",
    "connector_of",
    "cost",
    "count_letters",
    "count_replays",
    "count_suppressions",
    "create_source",
    "dead_letter",
    "dead_letters",
    "decode",
    "drop",
    "edit_and_retry",
    "ensure_source",
    "forget_old_ids",
    "import_file",
    "internal_source",
    "letter",
    "letter_reasons",
    "letter_run",
    "lift",
    "live_rows",
    "load_sources",
    "logged_events",
    "logged_row",
    "money_words",
    "new_key",
    "note",
    "open_reader",
    "own_event",
    "parse_events",
    "parse_mapping",
    "pause",
    "plan_of",
    "preview",
    "quarantined",
    "read_by",
    "read_mapping",
    "redact_suppressed",
    "renew_key",
    "replay_run",
    "replay_runs",
    "resume",
    "retry",
    "retry_many",
    "set_plan",
    "shapes",
    "snippet",
    "source_days",
    "source_health",
    "source_named",
    "source_of",
    "source_of_key",
    "source_totals",
    "start_replay",
    "start_retry",
    "step_retry",
    "suppress",
    "suppressed",
    "suppression_of",
    "suppressions",
    "trust_source",
    "unfinished_replay",
    "versions",
    "violations",
]
