-- graph: influence of personas with what its incremental computation rests on, and segments with their members

-- The moment beliefs are faded to: one for a workspace, moved by a rebuild only, so that a step and a rebuild agree.
-- standing counts the personas by score, in four digits (int32, little-endian): a rank is a sum over it.
create table influence_state (
  workspace_id integer not null references workspace (id),
  as_of timestamptz not null,
  rebuilt_at timestamptz not null,
  standing bytea not null default '',
  primary key (workspace_id)
);

-- What people see: the score to four digits and the local measures it is made of. Persons without any are absent.
create table influence (
  workspace_id integer not null references workspace (id),
  persona bigint not null,
  score double precision not null,
  components jsonb not null default '{}',
  at timestamptz not null,
  primary key (workspace_id, persona)
) with (fillfactor = 70);
create index influence_score on influence (workspace_id, score desc, persona);

-- The matrix, in blocks of personas by a hash of their ids, sorted: a step reaches a large part of the graph with little
-- weight, and fifty persons a row are read and written ten times as fast. Numbers are little-endian: int64 (persons, targets),
-- int32 (counts) and float64. counts tells how many targets each person has.
create table influence_block (
  workspace_id integer not null references workspace (id),
  block integer not null,
  persons bytea not null,
  own bytea not null,
  base bytea not null,
  counts bytea not null,
  targets bytea not null,
  weights bytea not null,
  primary key (workspace_id, block)
);
alter table influence_block alter persons set storage external, alter own set storage external, alter base set storage external,
  alter counts set storage external, alter targets set storage external, alter weights set storage external;

-- The state of the push, person by person as in influence_block: value = base + what flows in, but for the residual.
create table influence_value (
  workspace_id integer not null references workspace (id),
  block integer not null,
  value bytea not null,
  residual bytea not null,
  primary key (workspace_id, block)
) with (fillfactor = 60);
alter table influence_value alter value set storage external, alter residual set storage external;

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

-- What changed and is not yet taken into account by the two: a row for each batch.
create table graph_news (
  workspace_id integer not null,
  seq bigint generated always as identity,
  nodes bigint[] not null,
  kinds smallint[] not null,
  srcs bigint[] not null,
  dsts bigint[] not null,
  primary key (workspace_id, seq)
);
