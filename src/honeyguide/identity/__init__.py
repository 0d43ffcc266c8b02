"""identity: which records are one person or one company.

Takes canonical events, owns `record`, `identifier` and `merge_log`. A record is a person or company as one source
knows it; its id never changes. Identifiers are evidence; entities are computed from all of it (`cluster`), so late,
shuffled or replayed events give the same entities, and what evidence joined falls apart when evidence speaks
against it. The id of an entity is that of its oldest record; every record id stays valid as an alias (`resolve`).

Promises: nothing is written outside the caller's transaction; the state depends on the set of events only.
Entities are derived, so nothing that must never change hands (money, terms, consent) may be keyed to one.
"""

from honeyguide.identity.clusters import Incidence, cluster
from honeyguide.identity.evidence import record_id, stamp
from honeyguide.identity.plans import by_index
from honeyguide.identity.records import (
    Profile,
    Record,
    digest,
    find,
    members,
    merges,
    profiles,
    records_of,
    resolve,
)
from honeyguide.identity.steps import IdentityChanges, step

__all__ = [
    "IdentityChanges", "Incidence", "Profile", "Record", "by_index", "cluster", "digest", "find", "members", "merges", "profiles",
    "record_id", "records_of", "resolve", "stamp", "step",
]  # fmt: skip
