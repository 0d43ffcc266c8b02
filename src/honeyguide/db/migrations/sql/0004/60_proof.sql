-- learning: experiments with their looks, and the company a referral counts for

-- Ids only. Where the person behind a referral was, as last known: once they are erased the graph no longer tells, and what
-- was counted must stay counted.
create table referral_cluster (
  workspace_id integer not null references workspace (id),
  referral_id uuid not null,
  persona bigint not null,
  entity bigint not null,
  primary key (workspace_id, referral_id)
);

-- What is compared, for how long, and how. setup holds what was fixed before the first look (the cap of a win).
create table experiment (
  workspace_id integer not null references workspace (id),
  id text not null,
  kind text not null check (kind in ('referrals', 'revenue', 'step', 'policy')),
  title text not null,
  question text not null,
  candidate text not null,
  incumbent text not null,
  metric text not null,
  unit text not null,
  method text not null,
  setup jsonb not null default '{}',
  started_at timestamptz not null,
  proven_at timestamptz,
  looked_at timestamptz,
  primary key (workspace_id, id)
);

-- A look is a function of its statistics: whoever doubts it computes it again.
create table experiment_look (
  workspace_id integer not null references workspace (id),
  experiment_id text not null,
  look integer not null,
  at timestamptz not null,
  n_candidate bigint not null,
  n_incumbent bigint not null,
  estimate double precision,
  lower double precision,
  upper double precision,
  verdict text not null,
  sentence text not null,
  needed bigint,
  statistics jsonb not null,
  primary key (workspace_id, experiment_id, look),
  foreign key (workspace_id, experiment_id) references experiment (workspace_id, id),
  -- never a bare number: an estimate has its interval
  check ((estimate is null) = (lower is null) and (lower is null) = (upper is null))
);
create index experiment_look_at on experiment_look (workspace_id, experiment_id, at);
