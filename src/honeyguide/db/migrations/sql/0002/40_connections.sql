-- connections: credentials, streams, runs

-- A connection is a source with a connector, credentials and a state. `sealed` is encrypted with a key that is not in
-- the database. `lease` is the fence: a worker commits a page only while the lease is still its own.
create table connection (
  workspace_id integer not null,
  source_id integer not null,
  connector text not null,
  config jsonb not null default '{}',
  sealed bytea,
  state text not null default 'new' check (state in ('new', 'ok', 'failing', 'paused', 'needs_auth')),
  problem text not null default '',
  advice text not null default '',
  created_at timestamptz not null,
  last_sync_at timestamptz,
  served_at timestamptz,
  lease uuid,
  leased_until timestamptz,
  primary key (workspace_id, source_id),
  foreign key (workspace_id, source_id) references source (workspace_id, id)
);

-- `since` is how far everything is known; `position` is the place inside the pass that is under way.
create table connection_stream (
  workspace_id integer not null,
  source_id integer not null,
  stream text not null,
  enabled boolean not null default true,
  lane text not null default 'historical' check (lane in ('historical', 'live')),
  since jsonb,
  high jsonb,
  position jsonb,
  pass integer not null default 0,
  full_pass boolean not null default false,
  full_wanted boolean not null default false,
  rows bigint not null default 0,
  pass_rows bigint not null default 0,
  pass_total bigint,
  failures integer not null default 0,
  problem text not null default '',
  advice text not null default '',
  last_sync_at timestamptz,
  next_due_at timestamptz not null,
  run_id bigint,
  primary key (workspace_id, source_id, stream),
  foreign key (workspace_id, source_id) references connection (workspace_id, source_id)
);
create index connection_stream_due on connection_stream (workspace_id, next_due_at) where enabled;

-- Which records a stream has shown, where one that vanishes must be noticed, and which broken ones are put aside already.
create table connection_record (
  workspace_id integer not null,
  source_id integer not null,
  stream text not null,
  key uuid not null,
  ext_id text not null,
  pass integer not null,
  state text not null default 'here' check (state in ('here', 'gone', 'broken')),
  primary key (workspace_id, source_id, stream, key)
);

-- Records a webhook says have changed without saying how: fetched one by one.
create table connection_refetch (
  workspace_id integer not null,
  source_id integer not null,
  stream text not null,
  ext_id text not null,
  asked_at timestamptz not null,
  attempts integer not null default 0,
  primary key (workspace_id, source_id, stream, ext_id)
);

create table sync_run (
  workspace_id integer not null,
  id bigint generated always as identity,
  source_id integer not null,
  stream text not null,
  lane text not null,
  started_at timestamptz not null,
  ended_at timestamptz,
  pages bigint not null default 0,
  rows bigint not null default 0,
  new bigint not null default 0,
  duplicates bigint not null default 0,
  dead bigint not null default 0,
  requests bigint not null default 0,
  bytes bigint not null default 0,
  problem text not null default '',
  primary key (workspace_id, id)
);
create index sync_run_of on sync_run (workspace_id, source_id, id desc);

-- One attempt to be authorised: the state word is kept as a digest, the PKCE verifier encrypted, and it works once.
create table oauth_flow (
  workspace_id integer not null,
  state bytea not null,
  source_id integer not null,
  actor text not null,
  verifier bytea not null,
  redirect_uri text not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz,
  primary key (workspace_id, state)
);
