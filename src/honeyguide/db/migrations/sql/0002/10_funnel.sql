-- lanes: a consumer reads one lane at a time, so the lane leads the reading order; still one index for both
alter table event_log drop constraint event_log_pkey;
alter table event_log add primary key (workspace_id, lane, xid, seq, received_at);

alter table consumer_cursor add column lane smallint not null default 0;
alter table consumer_cursor drop constraint consumer_cursor_pkey;
alter table consumer_cursor add primary key (workspace_id, consumer, lane);
-- whoever has read the log up to here has read every lane up to here
insert into consumer_cursor (workspace_id, consumer, lane, last_xid, last_seq, holder, moved_at)
select workspace_id, consumer, l, last_xid, last_seq, holder, moved_at from consumer_cursor, unnest(array[1, 2]::smallint[]) as l;

-- dead letters: who closed one, and which event carries the mended body
alter table dead_letter add column closed_at timestamptz;
alter table dead_letter add column closed_by text;
alter table dead_letter add column mended_as uuid;
create index dead_letter_state on dead_letter (workspace_id, state, id);

create table letter_run (
  workspace_id integer not null,
  id bigint generated always as identity,
  actor text not null,
  filter jsonb not null,
  state text not null default 'running' check (state in ('running', 'done')),
  upto bigint not null,
  last_id bigint not null default 0,
  total bigint not null,
  done bigint not null default 0,
  succeeded bigint not null default 0,
  failed bigint not null default 0,
  started_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (workspace_id, id)
);

-- catalogue: which shapes the payloads of a source have; counted by the road, so a replay counts them anew
create table shape (
  workspace_id integer not null,
  source_id integer not null,
  kind text not null,
  fingerprint bytea not null,
  paths jsonb not null,
  first_seen_at timestamptz not null,
  last_seen_at timestamptz not null,
  n bigint not null,
  sample_event_id uuid not null,
  primary key (workspace_id, source_id, kind, fingerprint)
);

-- what a source costs: rows and bytes the road has read, by the day of their arrival
create table source_day (
  workspace_id integer not null,
  source_id integer not null,
  day date not null,
  n bigint not null,
  bytes bigint not null,
  primary key (workspace_id, source_id, day)
);

create table tracking_plan (
  workspace_id integer not null,
  source_id integer not null,
  mode text not null check (mode in ('off', 'warn', 'quarantine')),
  events jsonb not null,
  updated_at timestamptz not null,
  updated_by text not null,
  primary key (workspace_id, source_id)
);

create table plan_violation (
  workspace_id integer not null,
  source_id integer not null,
  rule text not null,
  property text not null,
  problem text not null,
  n bigint not null,
  first_seen_at timestamptz not null,
  last_seen_at timestamptz not null,
  sample_event_id uuid not null,
  primary key (workspace_id, source_id, rule, property, problem)
);

-- which mapping reads a source, and from which row of each lane on
create table mapping_version (
  workspace_id integer not null,
  source_id integer not null,
  version integer not null,
  digest bytea not null,
  definition jsonb not null,
  at timestamptz not null,
  primary key (workspace_id, source_id, version),
  unique (workspace_id, source_id, digest)
);

create table mapping_reading (
  workspace_id integer not null,
  source_id integer not null,
  lane smallint not null,
  from_xid xid8 not null,
  from_seq bigint not null,
  version integer not null,
  n bigint not null,
  primary key (workspace_id, source_id, lane, from_xid, from_seq)
);

create table replay_run (
  workspace_id integer not null,
  id bigint generated always as identity,
  actor text not null,
  dry boolean not null,
  source_id integer,
  received_from timestamptz,
  received_to timestamptz,
  state text not null default 'waiting' check (state in ('waiting', 'running', 'comparing', 'done', 'failed')),
  n bigint not null default 0,
  total bigint not null default 0,
  differently bigint not null default 0,
  changes jsonb not null default '{}',
  sample jsonb not null default '[]',
  failure text not null default '',
  started_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (workspace_id, id)
);

-- How far a dry run has read: rows of its scratch, under the scratch's own (negative) number, as everything it derives.
create table replay_place (
  workspace_id integer not null,
  lane smallint not null,
  last_xid xid8 not null,
  last_seq bigint not null,
  n bigint not null,
  differently bigint not null,
  sample jsonb not null default '[]',
  primary key (workspace_id, lane)
);

-- suppression: keyed digests of what identifies a person; nothing here can be read back
create table suppression (
  workspace_id integer not null,
  id bigint generated always as identity,
  actor text not null,
  reason text not null,
  at timestamptz not null,
  lifted_at timestamptz,
  lifted_by text,
  hits bigint not null default 0,
  last_hit_at timestamptz,
  primary key (workspace_id, id)
);

create table suppressed_digest (
  workspace_id integer not null,
  digest bytea not null,
  suppression_id bigint not null,
  ns text not null,
  primary key (workspace_id, digest, suppression_id),
  foreign key (workspace_id, suppression_id) references suppression (workspace_id, id)
);

create table suppression_key (
  workspace_id integer not null references workspace (id),
  key bytea not null,
  primary key (workspace_id)
);

-- enrichment: what outside providers answered, what they may be asked, what was spent
create table enrichment_cache (
  workspace_id integer not null,
  provider text not null,
  subject bytea not null,
  answer jsonb not null,
  at timestamptz not null,
  expires_at timestamptz not null,
  primary key (workspace_id, provider, subject)
);

create table enrichment_day (
  workspace_id integer not null,
  provider text not null,
  day date not null,
  calls bigint not null,
  primary key (workspace_id, provider, day)
);

-- The application may not change the log. This much it may: take what a row says out of it, in its own workspace. The
-- row stays in its place as `redacted`, which decodes to nothing; its id is a digest and stays known.
-- It names a row by its id and the time it was received, which is where the row is found.
create function redact_events(events uuid[], times timestamptz[]) returns bigint
language sql security definer set search_path = public, pg_temp as $$
  with emptied as (
    update event_log e set format = 'redacted', kind = 'redacted', message_id = 'redacted:' || e.event_id, body = '{}'
    from unnest(events, times) as t (event_id, at)
    where e.workspace_id = (select current_setting('app.workspace')::int) and e.event_id = t.event_id
      and e.received_at = t.at and e.format <> 'redacted'
    returning 1
  ) select count(*) from emptied
$$;
revoke execute on function redact_events(uuid[], timestamptz[]) from public;
grant execute on function redact_events(uuid[], timestamptz[]) to honeyguide_app;

-- A row that only mentions an erased person keeps everything else it says. Only for erasure under way: within an hour of
-- a suppression that says so.
create function rewrite_events(erasure bigint, events uuid[], times timestamptz[], bodies bytea[]) returns bigint
language sql security definer set search_path = public, pg_temp as $$
  with rewritten as (
    update event_log e set body = t.body from unnest(events, times, bodies) as t (event_id, at, body)
    where e.workspace_id = (select current_setting('app.workspace')::int) and e.event_id = t.event_id
      and e.received_at = t.at and exists (select 1 from suppression s where s.workspace_id = e.workspace_id
        and s.id = erasure and s.at > clock_timestamp() - interval '1 hour')
    returning 1
  ) select count(*) from rewritten
$$;
revoke execute on function rewrite_events(bigint, uuid[], timestamptz[], bytea[]) from public;
grant execute on function rewrite_events(bigint, uuid[], timestamptz[], bytea[]) to honeyguide_app;

-- Erasure everywhere else: what names the person is replaced in every text and JSON column of the workspace, in tables the
-- application may not change, too. Numbers are never touched, so the books stay as they are. Each row gets a word of its
-- own in place of the name, so that no unique key can collide.
create function scrub_workspace(erasure bigint, words text) returns bigint
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  ours int := current_setting('app.workspace')::int;
  place record;
  touched bigint;
  total bigint := 0;
begin
  if not exists (select 1 from suppression s where s.workspace_id = ours and s.id = erasure
                 and s.at > clock_timestamp() - interval '1 hour') then
    raise exception 'no erasure % is under way', erasure;
  end if;
  for place in
    select c.relname as name, a.attname as col, a.atttypid::regtype::text as kind
    from pg_class c join pg_attribute a on a.attrelid = c.oid
    where c.relkind in ('r', 'p') and not c.relispartition and c.relnamespace = 'public'::regnamespace
      and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
      and a.atttypid in ('text'::regtype, 'varchar'::regtype, 'jsonb'::regtype, 'text[]'::regtype)
      and exists (select 1 from pg_attribute w where w.attrelid = c.oid and w.attname = 'workspace_id')
      and c.relname not in ('directory', 'event_log', 'suppressed_digest', 'transfer', 'posting') -- the books name accounts only
  loop
    execute format(
      'update %I set %I = regexp_replace(%I::text, $1, ''erased-'' || substr(gen_random_uuid()::text, 1, 8), ''gi'')::%s '
      'where workspace_id = $2 and %I::text ~* $1', place.name, place.col, place.col, place.kind, place.col)
    using words, ours;
    get diagnostics touched = row_count;
    total := total + touched;
  end loop;
  return total;
end $$;
revoke execute on function scrub_workspace(bigint, text) from public;
grant execute on function scrub_workspace(bigint, text) to honeyguide_app;
