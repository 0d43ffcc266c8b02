-- funnel: sources, the log, its window of known ids, dead letters, imports

create table source (
  workspace_id integer not null references workspace (id),
  id integer generated always as identity,
  kind text not null,
  name text not null,
  key_prefix text not null,
  secret text,
  settings jsonb not null default '{}',
  created_at timestamptz not null,
  paused_at timestamptz,
  primary key (workspace_id, id),
  unique (workspace_id, name)
);

create table ingest_dedup (
  workspace_id integer not null,
  event_id uuid not null,
  body_hash bytea not null,
  at timestamptz not null,
  primary key (workspace_id, event_id)
);

-- Append-only. body is the payload as it came, byte for byte; event_id is the digest of
-- (workspace, source, message id), so it does not depend on the order of arrival.
create table event_log (
  workspace_id integer not null,
  seq bigint generated always as identity,
  xid xid8 not null default pg_current_xact_id(),
  event_id uuid not null,
  source_id integer not null,
  format text not null,
  kind text not null,
  message_id text not null,
  event_time timestamptz not null,
  received_at timestamptz not null,
  sent_at timestamptz,
  lane smallint not null default 0,
  derived_id boolean not null default false,
  body bytea not null,
  primary key (workspace_id, xid, seq, received_at) -- the order consumers read in; one index for both
) partition by range (received_at);
create table event_log_rest partition of event_log default;
create index event_log_event on event_log (workspace_id, event_id);

create table ingest_count (
  workspace_id integer not null,
  source_id integer not null,
  day date not null,
  outcome text not null check (outcome in ('accepted', 'duplicate', 'mismatch', 'dead_letter', 'refused')),
  n bigint not null default 0,
  last_at timestamptz not null,
  primary key (workspace_id, source_id, day, outcome)
);

create table dead_letter (
  workspace_id integer not null,
  id bigint generated always as identity,
  source_id integer not null,
  event_id uuid,
  stage text not null,
  reason text not null,
  detail text not null default '',
  body bytea not null,
  at timestamptz not null,
  state text not null default 'open' check (state in ('open', 'retried', 'dropped')),
  attempts integer not null default 1,
  primary key (workspace_id, id)
);
create unique index dead_letter_once on dead_letter (workspace_id, event_id, stage, reason, sha256(body)) where event_id is not null;

create table import_run (
  workspace_id integer not null,
  id bigint generated always as identity,
  source_id integer not null,
  file_name text not null,
  file_digest bytea not null,
  mapping_digest bytea not null,
  bytes_total bigint not null,
  rows_done bigint not null default 0,
  rows_accepted bigint not null default 0,
  rows_duplicate bigint not null default 0,
  rows_dead bigint not null default 0,
  state text not null default 'running' check (state in ('running', 'done', 'failed')),
  failure text,
  started_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (workspace_id, id),
  unique (workspace_id, source_id, file_digest, mapping_digest)
);
