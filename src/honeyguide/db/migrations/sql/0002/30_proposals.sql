-- identity, the background pass: what it proposes, what people answered, the models it used, how it went

-- `a` and `b` are records (a < b). What they say is read from the records, never copied: an erased person leaves nothing here.
create table proposal (
  workspace_id integer not null,
  id uuid not null,
  kind text not null check (kind in ('persona', 'company')),
  a bigint not null,
  b bigint not null,
  weight double precision not null,
  probability double precision not null,
  because jsonb not null,
  sentence text not null,
  guard text not null,
  money boolean not null,
  state text not null check (state in ('open', 'accepted', 'rejected', 'auto', 'stale')),
  actor text not null,
  reason text not null,
  model_version integer not null,
  created_at timestamptz not null,
  decided_at timestamptz,
  primary key (workspace_id, id),
  check (a < b)
) with (fillfactor = 80);
create index proposal_queue on proposal (workspace_id, state, weight desc, id);
create index proposal_of_a on proposal (workspace_id, a);
create index proposal_of_b on proposal (workspace_id, b);

-- Versions of a workspace's own weights. `accept`: the probability from which the pass decides alone.
create table identity_model (
  workspace_id integer not null,
  kind text not null check (kind in ('persona', 'company')),
  version integer not null,
  model jsonb not null,
  accept double precision not null,
  note text not null,
  at timestamptz not null,
  primary key (workspace_id, kind, version)
);

create table identity_pass (
  workspace_id integer not null,
  id uuid not null,
  kind text not null check (kind in ('persona', 'company')),
  state text not null check (state in ('running', 'done', 'failed')),
  upto bigint not null,
  changed integer not null,
  report jsonb not null,
  started_at timestamptz not null,
  finished_at timestamptz,
  primary key (workspace_id, id)
);
create index identity_pass_newest on identity_pass (workspace_id, kind, started_at desc);

-- What the pass last saw of each record, so that the next one looks only at what changed.
create table identity_seen (
  workspace_id integer not null,
  record_id bigint not null,
  digest bigint not null,
  primary key (workspace_id, record_id)
);
