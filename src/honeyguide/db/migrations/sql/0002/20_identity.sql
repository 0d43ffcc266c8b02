-- identity: what people decided about records, what money protects, what was refused

-- Evidence, append-only: the latest decision about a pair counts (by time, then event).
create table identity_decision (
  workspace_id integer not null,
  a bigint not null,
  b bigint not null,
  event_id uuid not null,
  verdict text not null check (verdict in ('linked', 'separated')),
  at timestamptz not null,
  actor text not null,
  reason text not null,
  primary key (workspace_id, a, b, event_id),
  check (a < b)
);
create index identity_decision_b on identity_decision (workspace_id, b);

-- Records money is tied to: accounts that accepted terms, and both sides of each referral. Written by the stages above.
create table identity_protection (
  workspace_id integer not null,
  record_id bigint not null,
  role text not null check (role in ('payee', 'referrer', 'referee')),
  key text not null,
  at timestamptz not null,
  primary key (workspace_id, record_id, role, key)
);

-- Pairs that were one persona already when money came to them: nothing is split behind anybody's back.
create table identity_settled (
  workspace_id integer not null,
  a bigint not null,
  b bigint not null,
  at timestamptz not null,
  primary key (workspace_id, a, b),
  check (a < b)
);

create table identity_conflict (
  workspace_id integer not null,
  entity_kind text not null check (entity_kind in ('persona', 'company')),
  ns text not null,
  value text not null,
  id uuid not null,
  kind text not null,
  records bigint[] not null,
  entities bigint[] not null,
  detail text not null,
  sentence text not null,
  money boolean not null,
  state text not null check (state in ('open', 'closed')),
  opened_at timestamptz not null,
  closed_at timestamptz,
  primary key (workspace_id, entity_kind, ns, value)
) with (fillfactor = 80);
-- Partial, so that no look-up by key can ever be planned over it.
create index identity_conflict_newest on identity_conflict (workspace_id, opened_at desc, id) where state = 'open';
-- Rows about records instead of values: found by the records they name.
create index identity_conflict_of_records on identity_conflict (workspace_id, id) where ns in ('record', 'link');

-- Which company its source calls the parent (a record's id, known or not). Apart from `record`, whose rows are
-- rewritten all the time: an index over its traits would make every one of those writes an index write.
create table company_parent (
  workspace_id integer not null,
  record_id bigint not null,
  parent_id bigint,
  primary key (workspace_id, record_id)
);
create index company_parent_children on company_parent (workspace_id, parent_id);

insert into identity_protection (workspace_id, record_id, role, key, at)
  select workspace_id, record_id, 'payee', id::text, terms_accepted_at from advocate where terms_accepted_at is not null
  union select r.workspace_id, a.record_id, 'referrer', r.id::text, r.created_at
  from referral r join advocate a on a.workspace_id = r.workspace_id and a.id = r.advocate_id
  union select workspace_id, friend_record_id, 'referee', id::text, created_at from referral
  on conflict do nothing;
insert into identity_settled (workspace_id, a, b, at)
  select x.workspace_id, x.id, y.id, max(greatest(p.at, q.at))
  from identity_protection p
  join record x on x.workspace_id = p.workspace_id and x.id = p.record_id
  join record y on y.workspace_id = x.workspace_id and y.entity_id = x.entity_id and y.id > x.id
  join identity_protection q on q.workspace_id = y.workspace_id and q.record_id = y.id
  group by x.workspace_id, x.id, y.id;

-- The ways in which the record was shown lately (identity/showings.py). A memory, not a belief: it depends on the order
-- of arrival, so comparisons of what is derived leave it out.
alter table record add column known bytea not null default '';

-- When each trait was said last, apart from what it says (identity/stamps.py): {"time event": [names]}, sorted.
alter table record add column said text not null default '{}';
update record r set
  said = (select '{' || coalesce(string_agg(to_json(g.stamp)::text || ':[' || g.names || ']', ',' order by g.stamp collate "C"), '') || '}'
    from (select (t.one ->> 't') || ' ' || (t.one ->> 'e') as stamp,
        string_agg(to_json(t.name)::text, ',' order by t.name collate "C") as names
      from jsonb_each(r.traits) as t (name, one) group by 1) g),
  traits = (select coalesce(jsonb_object_agg(t.name, jsonb_build_object('v', t.one -> 'v')), '{}') from jsonb_each(r.traits) as t (name, one))
where r.traits <> '{}';
