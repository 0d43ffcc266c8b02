-- attribution: touches of every kind, versioned policy, shares, disputes and what was decided, sales, links by other names

-- What a touch knows of whom it belongs to, so that a lost cookie loses nothing: a digest of the mailbox, and the
-- company's domain. `channel` is the kind of program it counts for where the program does not say.
alter table touch drop constraint touch_kind_check;
alter table touch add constraint touch_kind_check
  check (kind in ('click', 'landing', 'code', 'coupon', 'email_hash', 'company', 'claim'));
alter table touch add column mailbox text not null default '';
alter table touch add column domain text not null default '';
alter table touch add column utm jsonb not null default '{}';
create index touch_mailbox on touch (workspace_id, mailbox) where mailbox <> '';
create index touch_domain on touch (workspace_id, domain) where domain <> '';

-- Beside a deal's stages: what a sale gave back, and what a bank holds back.
alter table deal_fact drop constraint deal_fact_kind_check;
alter table deal_fact add constraint deal_fact_kind_check
  check (kind in ('open', 'won', 'lost', 'refunded', 'disputed', 'dispute_won', 'dispute_lost'));

-- Several advocates may share one conversion.
alter table attribution add column policy_version integer not null default 0;
alter table attribution drop constraint attribution_pkey;
alter table attribution add primary key (workspace_id, conversion_id, referral_id, advocate_id);
create index attribution_advocate on attribution (workspace_id, advocate_id);
create index attribution_referral on attribution (workspace_id, referral_id);
create index conversion_list on conversion (workspace_id, occurred_at desc, id desc);

-- Program 0 stands for the whole workspace. A version is never changed: another one holds from its own time on.
create table attribution_policy (
  workspace_id integer not null,
  program_id integer not null,
  version integer not null,
  valid_from timestamptz not null,
  model text not null check (model in ('first', 'last', 'position', 'split')),
  window_days integer not null check (window_days between 1 and 3650),
  company_match boolean not null,
  priority jsonb not null,
  first_bp integer not null check (first_bp between 0 and 10000),
  last_bp integer not null check (last_bp between 0 and 10000 and first_bp + last_bp <= 10000),
  reason text not null,
  created_by text not null,
  created_at timestamptz not null,
  primary key (workspace_id, program_id, version)
);

-- Somebody says that the credit is wrong.
create table credit_dispute (
  workspace_id integer not null,
  id uuid not null,
  conversion_id uuid not null,
  side text not null check (side in ('advocate', 'company', 'operator')),
  raised_by text not null,
  advocate_id uuid,
  claim text not null,
  state text not null check (state in ('open', 'accepted', 'rejected', 'withdrawn')),
  opened_at timestamptz not null,
  closed_at timestamptz,
  answer text not null default '',
  primary key (workspace_id, id)
);
create index credit_dispute_conversion on credit_dispute (workspace_id, conversion_id);
create index credit_dispute_list on credit_dispute (workspace_id, opened_at desc, id desc);

-- What a person decided (or a re-run found): append-only, the newest one of a conversion counts.
create table credit_decision (
  workspace_id integer not null,
  id uuid not null,
  conversion_id uuid not null,
  round integer not null check (round > 0),
  kind text not null check (kind in ('keep', 'give', 'split', 'none', 'rerun')),
  before jsonb not null,
  after jsonb not null,
  reason text not null,
  actor text not null,
  decided_at timestamptz not null,
  primary key (workspace_id, id),
  unique (workspace_id, conversion_id, round)
);
-- From a decision with backfill on: what else this customer buys follows it.
create table customer_decision (
  workspace_id integer not null,
  referral_id uuid not null,
  decision_id uuid not null,
  shares jsonb not null,
  decided_at timestamptz not null,
  primary key (workspace_id, referral_id, decision_id)
);

-- A customer by the id its own system gives, as leads and sales name them.
create table tracked_customer (
  workspace_id integer not null,
  external_id text not null,
  person_record_id bigint not null,
  company_record_id bigint,
  email text not null default '',
  referral_id uuid,
  created_at timestamptz not null,
  primary key (workspace_id, external_id)
);
create index tracked_customer_person on tracked_customer (workspace_id, person_record_id);
-- What a lead or a sale was answered, for ever under its key.
create table tracked_call (
  workspace_id integer not null,
  kind text not null check (kind in ('lead', 'sale', 'refund')),
  key text not null,
  digest bytea not null,
  answer jsonb not null,
  at timestamptz not null,
  primary key (workspace_id, kind, key)
);

-- A link's other names. One belongs to its link for ever, also when it is switched off.
create table link_alias (
  workspace_id integer not null,
  alias text not null,
  link_id uuid not null,
  created_by text not null,
  created_at timestamptz not null,
  disabled_at timestamptz,
  primary key (workspace_id, alias)
);
create index link_alias_link on link_alias (workspace_id, link_id);
create table link_domain (
  workspace_id integer not null,
  host text not null,
  proof text not null,
  created_by text not null,
  created_at timestamptz not null,
  verified_at timestamptz,
  checked_at timestamptz,
  problem text not null default '',
  primary key (workspace_id, host)
);

-- Rows of another vendor's export, each once.
create table imported_row (
  workspace_id integer not null,
  vendor text not null,
  kind text not null,
  external_id text not null,
  digest bytea not null,
  target text not null default '',
  at timestamptz not null,
  primary key (workspace_id, vendor, kind, external_id)
);

-- Append-only by grants; the erasure's function, which owns them, still takes a person's name out of their texts.
select guard_with_workspace('credit_decision'), guard_with_workspace('attribution_policy'), guard_with_workspace('customer_decision');
revoke update, delete, truncate on credit_decision, attribution_policy, customer_decision from honeyguide_app;
