-- programs: versions and drafts, more kinds of offers, simulations, applications, bounties, registered deals, the second tier

alter table program drop constraint program_state_check;
alter table program add constraint program_state_check check (state in ('draft', 'test', 'live', 'paused', 'ended'));

-- An offer somebody was asked with keeps its terms: another version's is another row, and the former one is retired.
alter table offer drop constraint offer_incentive_check;
alter table offer add constraint offer_incentive_check check (incentive in
  ('commission', 'renewal_credit', 'beta_access', 'gift_card', 'co_marketing', 'coupon', 'account_credit', 'donation', 'points', 'custom'));
alter table offer add column retired_at timestamptz;
alter table offer add column since timestamptz; -- null: from the beginning
-- Whom it is for; only an advocate's is what an ask can offer. `act`: for an act of theirs; `instead`: where the first may not be taken.
alter table offer add column role text not null default 'advocate' check (role in ('advocate', 'friend', 'parent', 'act', 'instead'));
alter table offer drop constraint offer_workspace_id_group_id_slug_key;
create unique index offer_current on offer (workspace_id, group_id, slug) where retired_at is null;
alter table program_group add column retired_at timestamptz;

-- What is being written. One per program; it binds nobody.
create table program_draft (
  workspace_id integer not null,
  program_id integer not null,
  body jsonb not null,
  based_on integer not null,
  authors text[] not null,
  changed_at timestamptz not null,
  primary key (workspace_id, program_id)
);
-- What was tried, published, in force. The file of a version never changes.
create table program_version (
  workspace_id integer not null,
  program_id integer not null,
  version integer not null check (version > 0),
  state text not null check (state in ('test', 'waiting', 'live', 'replaced', 'withdrawn')),
  body jsonb not null,
  based_on integer not null,
  money boolean not null,
  authors text[] not null,
  created_at timestamptz not null,
  note text not null default '',
  published_by text not null default '',
  published_at timestamptz,
  confirmed_by text not null default '',
  live_from timestamptz,
  live_until timestamptz,
  primary key (workspace_id, program_id, version),
  check (state not in ('live', 'replaced') or live_from is not null)
);
create unique index program_version_live on program_version (workspace_id, program_id) where state = 'live';
create unique index program_version_waiting on program_version (workspace_id, program_id) where state = 'waiting';

create table program_simulation (
  workspace_id integer not null,
  id uuid not null,
  program_id integer not null,
  version integer not null,
  body jsonb not null,
  months integer not null check (months between 1 and 60),
  since timestamptz not null,
  until timestamptz not null,
  state text not null check (state in ('running', 'done', 'failed')),
  done integer not null default 0,
  total integer not null default 0,
  progress jsonb not null default '{}',
  result jsonb not null default '{}',
  failure text not null default '',
  started_by text not null,
  started_at timestamptz not null,
  primary key (workspace_id, id)
);
create index program_simulation_running on program_simulation (workspace_id, started_at) where state = 'running';

create table program_application (
  workspace_id integer not null,
  id uuid not null,
  program_id integer not null,
  record_id bigint not null,
  name text not null,
  email text not null,
  facts jsonb not null,
  answers jsonb not null,
  state text not null check (state in ('waiting', 'approved', 'rejected')),
  reason text not null default '',
  decided_by text not null default '',
  applied_at timestamptz not null,
  decided_at timestamptz,
  advocate_id uuid,
  primary key (workspace_id, id)
);
create unique index program_application_open on program_application (workspace_id, program_id, record_id) where state <> 'rejected';
create index program_application_list on program_application (workspace_id, program_id, applied_at desc, id desc);

-- An act of advocacy with its proof. What it earned is in the ledger, under the submission's id.
create table bounty_submission (
  workspace_id integer not null,
  id uuid not null,
  program_id integer not null,
  bounty text not null,
  advocate_id uuid not null,
  number integer not null check (number > 0),
  proof text not null,
  state text not null check (state in ('waiting', 'approved', 'rejected')),
  reason text not null default '',
  decided_by text not null default '',
  submitted_at timestamptz not null,
  decided_at timestamptz,
  primary key (workspace_id, id),
  unique (workspace_id, program_id, bounty, advocate_id, number)
);
create index bounty_submission_list on bounty_submission (workspace_id, submitted_at desc, id desc);

create table deal_registration (
  workspace_id integer not null,
  id uuid not null,
  program_id integer not null,
  advocate_id uuid not null,
  company text not null,
  domain text not null,
  contact text not null default '',
  contact_email text not null default '',
  amount_minor bigint check (amount_minor >= 0),
  currency char(3) not null,
  state text not null check (state in ('waiting', 'open', 'won', 'lost', 'rejected', 'expired')),
  stage text not null,
  registered_at timestamptz not null,
  protected_until timestamptz not null,
  expires_at timestamptz not null,
  primary key (workspace_id, id)
);
-- One partner at a time holds a company.
create unique index deal_registration_holder on deal_registration (workspace_id, program_id, domain) where state in ('waiting', 'open');
create index deal_registration_list on deal_registration (workspace_id, registered_at desc, id desc);
create table registration_move (
  workspace_id integer not null,
  registration_id uuid not null,
  number integer not null check (number > 0),
  state text not null,
  stage text not null,
  actor text not null,
  reason text not null default '',
  at timestamptz not null,
  primary key (workspace_id, registration_id, number)
);

-- Who brought a partner in. Set once.
create table advocate_parent (
  workspace_id integer not null,
  advocate_id uuid not null,
  parent_id uuid not null,
  since timestamptz not null,
  actor text not null,
  primary key (workspace_id, advocate_id),
  check (advocate_id <> parent_id)
);
create index advocate_parent_of on advocate_parent (workspace_id, parent_id);

-- A version's file and the history are append-only by grants; the erasure's function, which owns them, can take a name out.
select guard_with_workspace('program_version'), guard_with_workspace('registration_move'), guard_with_workspace('advocate_parent');
revoke update, delete, truncate on program_version, registration_move, advocate_parent from honeyguide_app;
grant update (state, note, money, published_by, published_at, confirmed_by, live_from, live_until) on program_version to honeyguide_app;
