-- decisions: policies, decisions (append-only), the asks that wait for a person

create table policy_version (
  workspace_id integer not null,
  id integer generated always as identity,
  kind text not null,
  code_hash text not null,
  params jsonb not null,
  parent integer,
  level smallint not null default 0 check (level between 0 and 4),
  adopted_by text not null,
  created_at timestamptz not null,
  retired_at timestamptz,
  primary key (workspace_id, id)
);

-- A moment nobody could be asked about is looked at again when what stood in the way has changed: `look` counts.
create table decision (
  workspace_id integer not null,
  id uuid not null,
  at timestamptz not null,
  moment_id uuid not null,
  look smallint not null default 1,
  record_id bigint not null,
  company_record_id bigint,
  playbook_step text not null,
  stage text not null,
  arm text not null check (arm in ('holdout', 'treated')),
  arm_cluster text not null,
  context jsonb not null,
  legal_actions jsonb not null,
  blocked jsonb not null,
  distribution jsonb not null,
  action text not null,
  propensity double precision not null check (propensity > 0 and propensity <= 1),
  policy_version integer not null,
  seed bigint not null,
  expected jsonb not null,
  score real not null,
  score_low real not null,
  score_high real not null,
  reason text not null,
  primary key (workspace_id, id),
  unique (workspace_id, moment_id, look)
);
create index decision_record on decision (workspace_id, record_id, at);
create index decision_cluster on decision (workspace_id, arm_cluster, at);

create table ask (
  workspace_id integer not null,
  id uuid not null,
  decision_id uuid not null,
  moment_id uuid not null,
  record_id bigint not null,
  company_record_id bigint,
  offer_id integer not null,
  channel text not null,
  subject text not null,
  body text not null,
  state text not null default 'suggested'
    check (state in ('suggested', 'approved', 'sent', 'declined', 'expired', 'blocked')),
  score real not null,
  score_low real not null,
  score_high real not null,
  window_ends_at timestamptz not null,
  created_at timestamptz not null,
  decided_by text,
  decided_at timestamptz,
  not_now_reason text,
  note text,
  primary key (workspace_id, id),
  unique (workspace_id, decision_id)
);
create index ask_queue on ask (workspace_id, state, score desc, id);
create index ask_record on ask (workspace_id, record_id);
create index ask_company on ask (workspace_id, company_record_id);
create index ask_moment on ask (workspace_id, moment_id);
