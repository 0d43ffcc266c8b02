-- learning: evaluations; web: operators and their sign-ins

create table evaluation (
  workspace_id integer not null,
  id bigint generated always as identity,
  at timestamptz not null,
  metric text not null,
  method text not null,
  n_treated bigint not null,
  n_holdout bigint not null,
  estimate double precision,
  lower double precision,
  upper double precision,
  verdict text not null,
  detail jsonb not null default '{}',
  primary key (workspace_id, id)
);

create table operator (
  workspace_id integer not null,
  id uuid not null,
  email text not null,
  name text not null,
  role text not null check (role in ('owner', 'marketer', 'finance', 'analyst')),
  created_at timestamptz not null,
  primary key (workspace_id, id),
  unique (workspace_id, email)
);

create table operator_session (
  workspace_id integer not null,
  digest bytea not null,
  operator_id uuid not null,
  kind text not null check (kind in ('link', 'session')),
  csrf text not null default '',
  created_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz,
  revoked_at timestamptz,
  primary key (workspace_id, digest)
);

create table api_key (
  workspace_id integer not null,
  digest bytea not null,
  prefix text not null,
  name text not null,
  scopes text[] not null,
  created_at timestamptz not null,
  last_used_at timestamptz,
  revoked_at timestamptz,
  primary key (workspace_id, digest)
);
