"""SQL of inference. Owns: signal, title_seen, activity, usage_total, usage_month. The counts of use are in `activity_tables`."""

from collections.abc import Collection, Sequence
from uuid import UUID

from honeyguide.db import Tx
from honeyguide.inference.port import Fact, Subject
from honeyguide.inference.signals import Signal
from honeyguide.inference.title_seen import TitleSeen, subject_of


async def keep_signals(tx: Tx, signals: Sequence[Signal]) -> set[int]:
    """Store what is new; returns the subjects that gained a fact."""
    if not signals:
        return set()
    rows = await tx.rows(
        """
        insert into signal (workspace_id, subject, event_id, kind, subject_kind, subject_key, at, source, ref,
                            record_id, company_record_id, props, texts)
        select $1, * from unnest($2::bigint[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::timestamptz[],
                                 $8::text[], $9::text[], $10::bigint[], $11::bigint[], $12::jsonb[], $13::jsonb[])
        on conflict (workspace_id, subject, event_id, kind, at) do nothing
        returning subject
        """,
        tx.workspace_id,
        [s.subject for s in signals],
        [s.fact.event_id for s in signals],
        [s.fact.kind for s in signals],
        [s.subject_kind for s in signals],
        [s.subject_key for s in signals],
        [s.fact.at for s in signals],
        [s.fact.source for s in signals],
        [s.fact.ref for s in signals],
        [s.fact.person for s in signals],
        [s.fact.company for s in signals],
        [s.fact.props for s in signals],
        [s.fact.texts for s in signals],
    )
    return {row["subject"] for row in rows}


async def load_subjects(tx: Tx, ids: Collection[int]) -> dict[int, Subject]:
    """The subjects with all their facts."""
    if not ids:
        return {}
    rows = await tx.rows(
        """
        select subject, subject_kind, subject_key, event_id, kind, at, source, ref, record_id, company_record_id,
               props, texts
        from signal where workspace_id = $1 and subject = any($2::bigint[])
        """,
        tx.workspace_id,
        sorted(ids),
    )
    facts: dict[int, list[Fact]] = {}
    named: dict[int, tuple[str, str]] = {}
    for r in rows:
        named[r["subject"]] = (r["subject_kind"], r["subject_key"])
        facts.setdefault(r["subject"], []).append(
            Fact(
                event_id=UUID(int=r["event_id"].int),
                kind=r["kind"],
                at=r["at"],
                source=r["source"],
                ref=r["ref"],
                person=r["record_id"],
                company=r["company_record_id"],
                props=r["props"],
                texts=r["texts"],
            )
        )
    return {ident: Subject.of(ident, *named[ident], found) for ident, found in facts.items()}


async def inferrers_of(tx: Tx, subjects: Collection[int], inferrers: Sequence[str]) -> dict[str, set[int]]:
    """Which of these inferrers have live assertions about which of these subjects."""
    rows = await tx.rows(
        """
        select distinct inferrer, subject from assertion
        where workspace_id = $1 and subject = any($2::bigint[]) and inferrer = any($3::text[]) and retracted_at is null
        """,
        tx.workspace_id,
        sorted(subjects),
        list(inferrers),
    )
    found: dict[str, set[int]] = {}
    for r in rows:
        found.setdefault(r["inferrer"], set()).add(r["subject"])
    return found


async def keep_titles(tx: Tx, seen: Sequence[TitleSeen]) -> set[int]:
    """Widen first and last sight; returns the records for which something changed."""
    if not seen:
        return set()
    rows = await tx.rows(
        """
        insert into title_seen as t (workspace_id, record_id, title_id, month, title,
          first_at, first_event_id, first_source, first_ref, last_at, last_event_id, last_source, last_ref)
        select $1, * from unnest($2::bigint[], $3::uuid[], $4::date[], $5::text[],
          $6::timestamptz[], $7::uuid[], $8::text[], $9::text[], $10::timestamptz[], $11::uuid[], $12::text[], $13::text[])
        on conflict (workspace_id, record_id, title_id, month) do update set
          (first_at, first_event_id, first_source, first_ref) = (select f.* from (values
            (t.first_at, t.first_event_id, t.first_source, t.first_ref),
            (excluded.first_at, excluded.first_event_id, excluded.first_source, excluded.first_ref)
          ) as f(at, event_id, source, ref) order by at, event_id limit 1),
          (last_at, last_event_id, last_source, last_ref) = (select l.* from (values
            (t.last_at, t.last_event_id, t.last_source, t.last_ref),
            (excluded.last_at, excluded.last_event_id, excluded.last_source, excluded.last_ref)
          ) as l(at, event_id, source, ref) order by at desc, event_id desc limit 1)
        where (excluded.first_at, excluded.first_event_id) < (t.first_at, t.first_event_id)
           or (excluded.last_at, excluded.last_event_id) > (t.last_at, t.last_event_id)
        returning record_id
        """,
        tx.workspace_id,
        [s.record for s in seen],
        [s.title_id for s in seen],
        [s.month for s in seen],
        [s.title for s in seen],
        [s.first.at for s in seen],
        [s.first.event_id for s in seen],
        [s.first.source for s in seen],
        [s.first.ref for s in seen],
        [s.last.at for s in seen],
        [s.last.event_id for s in seen],
        [s.last.source for s in seen],
        [s.last.ref for s in seen],
    )
    return {row["record_id"] for row in rows}


async def load_titles(tx: Tx, records: Collection[int]) -> dict[int, Subject]:
    """The titles of these records as subjects."""
    if not records:
        return {}
    rows = await tx.rows(
        "select * from title_seen where workspace_id = $1 and record_id = any($2::bigint[])",
        tx.workspace_id,
        sorted(records),
    )
    seen: dict[int, list[TitleSeen]] = {}
    for r in rows:
        first, last = (
            Fact(UUID(int=r[f"{end}_event_id"].int), "title", r[f"{end}_at"], r[f"{end}_source"], r[f"{end}_ref"],
                 person=r["record_id"], texts={"title": r["title"]})
            for end in ("first", "last")
        )  # fmt: skip
        seen.setdefault(r["record_id"], []).append(TitleSeen(r["record_id"], r["title"], r["month"], first, last))
    return {record: subject_of(record, found) for record, found in seen.items()}
