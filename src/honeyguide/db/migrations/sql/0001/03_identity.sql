-- identity: records as the sources know them, what identifies them, which are one

create table record (
  workspace_id integer not null,
  id bigint not null,
  kind text not null check (kind in ('persona', 'company')),
  source text not null,
  ext_id text not null,
  entity_id bigint not null,
  traits jsonb not null default '{}',
  first_seen_at timestamptz not null,
  last_seen_at timestamptz not null,
  primary key (workspace_id, id),
  unique (workspace_id, kind, source, ext_id)
) with (fillfactor = 80);
create index record_entity on record (workspace_id, entity_id);

-- event_id and first_seen_at are those of the earliest event that showed the value on the record.
create table identifier (
  workspace_id integer not null,
  kind text not null check (kind in ('persona', 'company')),
  ns text not null,
  value text not null,
  record_id bigint not null,
  class text not null check (class in ('strong', 'weak')),
  event_id uuid not null,
  first_seen_at timestamptz not null,
  primary key (workspace_id, kind, ns, value, record_id)
);
create index identifier_record on identifier (workspace_id, record_id);

create table merge_log (
  workspace_id integer not null,
  id bigint generated always as identity,
  survivor bigint not null,
  retired bigint not null,
  because text not null,
  event_id uuid,
  at timestamptz not null,
  primary key (workspace_id, id)
);
