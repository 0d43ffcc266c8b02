-- graph: influence of personas with what its incremental computation rests on, and segments with their members

-- The moment beliefs are faded to: one for a workspace, moved by a rebuild only, so that a step and a rebuild agree.
create table influence_state (
  workspace_id integer not null references workspace (id),
  as_of timestamptz not null,
  rebuilt_at timestamptz not null,
  primary key (workspace_id)
);

-- value and residual are the state of the push: value = base + what flows in, but for the residual. targets and weights
-- are the persona's row of the matrix as it was last used (int64 and float64, little-endian), so that a changed row is a
-- difference. components are the local measures, own is their part of the score.
create table influence (
  workspace_id integer not null references workspace (id),
  persona bigint not null,
  score double precision not null,
  components jsonb not null default '{}',
  own double precision not null,
  base double precision not null,
  value double precision not null,
  residual double precision not null,
  targets bytea not null default '',
  weights bytea not null default '',
  at timestamptz not null,
  primary key (workspace_id, persona)
) with (fillfactor = 70);
create index influence_score on influence (workspace_id, score desc, persona);

create table segment (
  workspace_id integer not null references workspace (id),
  id bigint generated always as identity,
  name text not null,
  condition jsonb not null,
  version integer not null default 1,
  created_by text not null default '',
  created_at timestamptz not null,
  updated_at timestamptz not null,
  evaluated_at timestamptz not null,
  primary key (workspace_id, id),
  unique (workspace_id, name)
);

-- One row for each stay of a persona in a segment; the open ones are its members now.
create table segment_member (
  workspace_id integer not null,
  segment_id bigint not null,
  persona bigint not null,
  entered_at timestamptz not null,
  left_at timestamptz,
  primary key (workspace_id, segment_id, persona, entered_at),
  foreign key (workspace_id, segment_id) references segment (workspace_id, id) on delete cascade
) with (fillfactor = 85);
create index segment_member_now on segment_member (workspace_id, segment_id, persona) where left_at is null;
create index segment_member_persona on segment_member (workspace_id, persona, segment_id);
create index segment_member_changes on segment_member (workspace_id, segment_id, entered_at);
