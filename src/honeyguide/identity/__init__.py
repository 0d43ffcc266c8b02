"""identity: which records are one person or one company.

Takes canonical events, owns `record`, `identifier`, `merge_log`, and `identity_decision`, `identity_conflict`,
`identity_protection`, `identity_settled`. A record is a person or company as one source knows it; its id never changes.
Identifiers are evidence, and so is what people decided (`link`, `separate`); entities are computed from all of it
(`cluster`), so late, shuffled or replayed events give the same entities, and what evidence joined falls apart when
evidence speaks against it. The id of an entity is that of its oldest record; every record id stays valid as an alias
(`resolve`). What was refused is told (`conflicts`).

Promises: nothing is written outside the caller's transaction; the state depends on the set of events only (and on
what `protect` was told). Nothing joins by itself what money keeps apart. Entities are derived, so nothing that must
never change hands (money, terms, consent) may be keyed to one.
"""

from honeyguide.identity.assembly import Assembly, Guards, Incidence, Reason, Subject
from honeyguide.identity.clusters import Clustering, Refusal, cluster, eldest
from honeyguide.identity.companies import CompanyGroup, children_of, group_of, parent_of
from honeyguide.identity.conflict_rows import Conflict
from honeyguide.identity.decisions import link, separate
from honeyguide.identity.evidence import parent_ref, record_id, stamp
from honeyguide.identity.plans import by_index
from honeyguide.identity.protection import protect
from honeyguide.identity.records import (
    Profile,
    Record,
    Tie,
    digest,
    find,
    members,
    merges,
    profiles,
    records_of,
    resolve,
)
from honeyguide.identity.refusals import conflicts, count_conflicts
from honeyguide.identity.steps import IdentityChanges, step

__all__ = [
    "Assembly", "Clustering", "CompanyGroup", "Conflict", "Guards", "IdentityChanges", "Incidence", "Profile", "Reason", "Record",
    "Refusal", "Subject", "Tie", "by_index", "children_of", "cluster", "conflicts", "count_conflicts", "digest", "eldest", "find",
    "group_of", "link", "members", "merges", "parent_of", "parent_ref", "profiles", "protect", "record_id", "records_of",
    "resolve", "separate", "stamp", "step",
]  # fmt: skip
