-- programs: terms, groups, offers, links; the advocate is the account that accepted terms

create table program (
  workspace_id integer not null,
  id integer generated always as identity,
  slug text not null,
  name text not null,
  state text not null check (state in ('draft', 'live', 'paused', 'ended')),
  terms jsonb not null,
  version integer not null default 1,
  created_at timestamptz not null,
  primary key (workspace_id, id),
  unique (workspace_id, slug)
);

create table program_group (
  workspace_id integer not null,
  id integer generated always as identity,
  program_id integer not null,
  slug text not null,
  name text not null,
  conditions jsonb not null,
  position integer not null,
  primary key (workspace_id, id),
  unique (workspace_id, program_id, slug)
);

create table offer (
  workspace_id integer not null,
  id integer generated always as identity,
  group_id integer not null,
  slug text not null,
  label text not null,
  incentive text not null check (incentive in ('commission', 'renewal_credit', 'beta_access', 'gift_card')),
  amount_minor bigint not null default 0 check (amount_minor >= 0),
  rate_bp integer not null default 0 check (rate_bp between 0 and 10000),
  currency char(3) not null,
  cap_minor bigint,
  position integer not null,
  primary key (workspace_id, id),
  unique (workspace_id, group_id, slug)
);

create table advocate (
  workspace_id integer not null,
  id uuid not null,
  record_id bigint not null,
  name text not null,
  email text not null,
  program_id integer not null,
  group_id integer not null,
  portal_digest bytea not null,
  created_at timestamptz not null,
  terms_accepted_at timestamptz,
  primary key (workspace_id, id),
  unique (workspace_id, record_id, program_id)
);

create table link (
  workspace_id integer not null,
  id uuid not null,
  code text not null,
  advocate_id uuid not null,
  program_id integer not null,
  group_id integer not null,
  destination text not null,
  created_at timestamptz not null,
  disabled_at timestamptz,
  primary key (workspace_id, id),
  unique (workspace_id, code)
);
create index link_advocate on link (workspace_id, advocate_id);
