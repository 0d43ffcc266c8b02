-- graph: nodes, assertions with their evidence, current edges by kind, retired versions apart

create table node (
  workspace_id integer not null,
  id bigint not null,
  kind smallint not null,
  key text not null,
  name text not null default '',
  props jsonb not null default '{}',
  props_at jsonb not null default '{}',
  first_seen_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (workspace_id, id)
) with (fillfactor = 80);
create unique index node_key on node (workspace_id, kind, key);

-- src and dst are record ids (persona, company) or node ids (everything else); edges carry the
-- resolved entity ids, so a merge or an unmerge rewrites edges and never assertions.
create table assertion (
  workspace_id integer not null,
  id uuid not null,
  kind smallint not null,
  src bigint not null,
  dst bigint not null,
  supports boolean not null default true,
  ends boolean not null default false,
  confidence double precision not null check (confidence > 0 and confidence < 1),
  valid_from timestamptz not null,
  valid_to timestamptz,
  last_seen_at timestamptz not null,
  seen integer not null default 1,
  inferrer text not null,
  inferrer_version text not null,
  subject bigint not null,
  source text not null,
  stream text not null default '',
  event_id uuid,
  source_ref text not null default '',
  quote text not null default '',
  span_start integer,
  span_end integer,
  detail jsonb not null default '{}',
  recorded_at timestamptz not null,
  retracted_at timestamptz,
  primary key (workspace_id, id)
) with (fillfactor = 80);
create index assertion_src on assertion (workspace_id, src, kind, dst);
create index assertion_dst on assertion (workspace_id, dst, kind, src);
-- Not partial: without statistics the planner would prefer a partial index for everything that is not retracted.
create index assertion_subject on assertion (workspace_id, subject, inferrer);

-- The latest period of validity stands in valid_from and valid_to, the ones before the gaps in earlier.
create table edge (
  workspace_id integer not null,
  kind smallint not null,
  src bigint not null,
  dst bigint not null,
  confidence real not null,
  valid_from timestamptz not null,
  valid_to timestamptz,
  earlier tstzmultirange,
  last_seen_at timestamptz not null,
  support smallint not null,
  inferrer text not null,
  props jsonb not null default '{}',
  recorded_at timestamptz not null,
  primary key (workspace_id, src, dst, kind) include (valid_to)
) partition by list (kind);
create index edge_in on edge (workspace_id, dst, src, kind) include (valid_to);
-- one partition per core kind is created by the migration from graph kinds 1..25, and edge_other

create table edge_history (
  workspace_id integer not null,
  id bigint generated always as identity,
  kind smallint not null,
  src bigint not null,
  dst bigint not null,
  confidence real not null,
  valid_from timestamptz not null,
  valid_to timestamptz,
  earlier tstzmultirange,
  inferrer text not null,
  recorded_at timestamptz not null,
  retired_at timestamptz not null,
  primary key (workspace_id, id)
);
create index edge_history_out on edge_history (workspace_id, src, kind, dst);
create index edge_history_in on edge_history (workspace_id, dst, kind, src);
