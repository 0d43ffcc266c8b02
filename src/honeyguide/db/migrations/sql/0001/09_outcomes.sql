-- outcomes: touches, referrals with stages, conversions, attribution, fraud findings

create table touch (
  workspace_id integer not null,
  id uuid not null,
  link_id uuid not null,
  kind text not null check (kind in ('click', 'landing', 'code')),
  at timestamptz not null,
  agent text not null check (agent in ('person', 'scanner', 'unknown')),
  visitor uuid not null,
  referrer_host text not null default '',
  primary key (workspace_id, id)
);
create index touch_link on touch (workspace_id, link_id, at);
create index touch_visitor on touch (workspace_id, visitor);

create table referral (
  workspace_id integer not null,
  id uuid not null,
  link_id uuid not null,
  advocate_id uuid not null,
  program_id integer not null,
  touch_id uuid,
  friend_email text not null,
  friend_name text not null default '',
  friend_record_id bigint not null,
  friend_company_record_id bigint,
  stage text not null check (stage in ('signed_up', 'qualified', 'won', 'lost', 'rejected')),
  stage_at timestamptz not null,
  created_at timestamptz not null,
  primary key (workspace_id, id),
  unique (workspace_id, program_id, friend_record_id)
);
create index referral_advocate on referral (workspace_id, advocate_id);
create index referral_friend on referral (workspace_id, friend_record_id);
create index referral_company on referral (workspace_id, friend_company_record_id);
create index referral_list on referral (workspace_id, created_at desc, id desc);

create table referral_stage (
  workspace_id integer not null,
  referral_id uuid not null,
  stage text not null,
  at timestamptz not null,
  event_id uuid,
  reason text not null,
  primary key (workspace_id, referral_id, stage)
);

-- Every deal event as it was reported: stages and conversions are computed from these, never from the order
-- in which they came. Records, not entities: a later merge may bring a deal and a referral together.
create table deal_fact (
  workspace_id integer not null,
  event_id uuid not null,
  deal text not null,
  kind text not null check (kind in ('open', 'won', 'lost')),
  at timestamptz not null,
  amount_minor bigint,
  currency char(3),
  name text not null default '',
  stage text not null default '',
  ref text not null default '',
  primary key (workspace_id, event_id)
);
create index deal_fact_deal on deal_fact (workspace_id, deal);

create table deal_fact_record (
  workspace_id integer not null,
  record_id bigint not null,
  event_id uuid not null,
  primary key (workspace_id, record_id, event_id)
);

create table conversion (
  workspace_id integer not null,
  id uuid not null,
  referral_id uuid not null,
  deal text not null,
  amount_minor bigint not null check (amount_minor >= 0),
  currency char(3) not null,
  occurred_at timestamptz not null,
  event_id uuid not null,
  recorded_at timestamptz not null,
  primary key (workspace_id, id),
  unique (workspace_id, deal)
);

create table attribution (
  workspace_id integer not null,
  conversion_id uuid not null,
  referral_id uuid not null,
  link_id uuid not null,
  advocate_id uuid not null,
  ask_id uuid,
  rule text not null,
  share_bp integer not null check (share_bp between 0 and 10000),
  reason text not null,
  at timestamptz not null,
  primary key (workspace_id, conversion_id, referral_id)
);

create table fraud_finding (
  workspace_id integer not null,
  referral_id uuid not null,
  rule text not null,
  verdict text not null check (verdict in ('block', 'hold', 'note')),
  reason text not null,
  evidence jsonb not null,
  at timestamptz not null,
  primary key (workspace_id, referral_id, rule)
);
