-- rails: how payouts leave, to which accounts, what became of each payment, when runs are made, and what tax forms say

-- A rail a workspace has set up. `next_call_at` is the limiter: whoever calls moves it on first, in a transaction.
create table payout_rail (
  workspace_id integer not null,
  rail text not null,
  sends boolean not null,
  payee_kind text not null default '',
  config jsonb not null default '{}',
  sealed bytea,
  hook_digest bytea,
  enabled boolean not null default true,
  changed_by text not null,
  changed_at timestamptz not null,
  next_call_at timestamptz not null,
  primary key (workspace_id, rail)
);

-- Where an advocate is paid. The account itself is sealed; `masked` is what may be shown, `fingerprint` a keyed digest.
create table payee (
  workspace_id integer not null,
  id uuid not null,
  advocate_id uuid not null,
  kind text not null check (kind in ('iban', 'us_bank', 'paypal', 'stripe', 'email')),
  sealed bytea not null,
  masked text not null,
  fingerprint bytea not null,
  country text not null default '',
  state text not null check (state in ('proposed', 'confirmed', 'replaced', 'withdrawn')),
  token_digest bytea,
  proposed_by text not null,
  proposed_at timestamptz not null,
  confirmed_at timestamptz,
  usable_from timestamptz,
  primary key (workspace_id, id),
  check ((state = 'proposed') = (confirmed_at is null) or state = 'withdrawn')
);
create unique index payee_current on payee (workspace_id, advocate_id, kind) where state = 'confirmed';
create unique index payee_proposed on payee (workspace_id, advocate_id, kind) where state = 'proposed';
create index payee_fingerprint on payee (workspace_id, fingerprint);

-- One payment: what one advocate gets of one payout. Its id is the key the provider knows it by, for ever.
create table disbursement (
  workspace_id integer not null,
  id uuid not null,
  payout_id uuid not null,
  advocate_id uuid not null,
  rail text not null,
  incentive text not null,
  label text not null,
  currency char(3) not null,
  gross_minor bigint not null check (gross_minor > 0),
  netted_minor bigint not null check (netted_minor >= 0),
  amount_minor bigint not null check (amount_minor >= 0),
  payee_id uuid,
  state text not null check (state in ('promised', 'unknown', 'sent', 'paid', 'refused', 'returned', 'cancelled')),
  provider_id text not null default '',
  reported_minor bigint,
  problem text not null default '',
  attempts integer not null default 0,
  looks integer not null default 0,
  promised_at timestamptz not null,
  asked_at timestamptz,
  settled_at timestamptz,
  look_at timestamptz,
  primary key (workspace_id, id),
  unique (workspace_id, payout_id, advocate_id),
  foreign key (workspace_id, payout_id) references payout (workspace_id, id),
  check (gross_minor = netted_minor + amount_minor)
);
create index disbursement_look on disbursement (workspace_id, rail, look_at) where look_at is not null;
create index disbursement_list on disbursement (workspace_id, promised_at desc, id desc);
create index disbursement_advocate on disbursement (workspace_id, advocate_id, settled_at);
create index disbursement_day on disbursement (workspace_id, settled_at) where settled_at is not null;

-- What a provider told us by webhook: kept once, however often it comes. It only makes us look; it settles nothing.
create table rail_notice (
  workspace_id integer not null,
  rail text not null,
  notice_id text not null,
  kind text not null,
  disbursement_id uuid,
  received_at timestamptz not null,
  times integer not null default 1,
  primary key (workspace_id, rail, notice_id)
);

create table payout_policy (
  workspace_id integer not null,
  schedule text not null check (schedule in ('manual', 'weekly', 'monthly', 'on_approval')),
  day smallint not null check (day between 1 and 31),
  rail text not null,
  minimums jsonb not null,
  cooling_days smallint not null check (cooling_days between 0 and 90),
  payer_country text not null,
  tax_threshold_minor bigint not null check (tax_threshold_minor >= 0),
  changed_by text not null,
  changed_at timestamptz not null,
  primary key (workspace_id)
);

-- A run of the schedule happens once, whoever winds the clock.
create table payout_run (
  workspace_id integer not null,
  key text not null,
  at timestamptz not null,
  payouts integer not null,
  withheld integer not null,
  primary key (workspace_id, key)
);

create table tax_profile (
  workspace_id integer not null,
  advocate_id uuid not null,
  form text not null check (form in ('w9', 'w8ben', 'w8bene', 'vat')),
  country text not null,
  sealed bytea not null,
  masked text not null,
  given_by text not null,
  given_at timestamptz not null,
  valid_until date,
  primary key (workspace_id, advocate_id)
);

-- Guarded here already, so that what the guard grants can be taken back: a payment is never forgotten.
select guard_with_workspace('disbursement'::regclass);
revoke delete, truncate on disbursement from honeyguide_app;
