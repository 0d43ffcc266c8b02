-- ledger: double entry, append-only; rewards and payouts are rows with a state

create table ledger_account (
  workspace_id integer not null,
  id bigint generated always as identity,
  kind text not null check (kind in ('budget', 'expense', 'held', 'available', 'in_payout', 'paid', 'allowance', 'allowed')),
  owner text not null default '',
  currency char(3) not null,
  floor_minor bigint,
  balance_minor bigint not null default 0,
  primary key (workspace_id, id),
  unique (workspace_id, kind, owner, currency),
  check (floor_minor is null or balance_minor >= floor_minor)
);

create table transfer (
  workspace_id integer not null,
  id uuid not null,
  key text not null,
  kind text not null,
  memo text not null,
  at timestamptz not null,
  reversal_of uuid,
  primary key (workspace_id, id),
  unique (workspace_id, key),
  unique (workspace_id, reversal_of)
);

create table posting (
  workspace_id integer not null,
  transfer_id uuid not null,
  line smallint not null,
  account_id bigint not null,
  currency char(3) not null,
  amount_minor bigint not null check (amount_minor <> 0),
  at timestamptz not null,
  primary key (workspace_id, transfer_id, line),
  foreign key (workspace_id, transfer_id) references transfer (workspace_id, id),
  foreign key (workspace_id, account_id) references ledger_account (workspace_id, id)
);
create index posting_account on posting (workspace_id, account_id, at);

create function posting_sums_to_zero() returns trigger language plpgsql as $$
begin
  if exists (select 1 from posting
             where workspace_id = new.workspace_id and transfer_id = new.transfer_id
             group by currency having sum(amount_minor) <> 0)
     or (select count(*) from posting
         where workspace_id = new.workspace_id and transfer_id = new.transfer_id) < 2 then
    raise exception 'transfer % does not sum to zero', new.transfer_id using errcode = 'check_violation';
  end if;
  return null;
end $$;
create constraint trigger posting_balanced after insert on posting
  deferrable initially deferred for each row execute function posting_sums_to_zero();

create function transfer_has_lines() returns trigger language plpgsql as $$
begin
  if not exists (select 1 from posting where workspace_id = new.workspace_id and transfer_id = new.id) then
    raise exception 'transfer % has no postings', new.id using errcode = 'check_violation';
  end if;
  return null;
end $$;
create constraint trigger transfer_balanced after insert on transfer
  deferrable initially deferred for each row execute function transfer_has_lines();

create function append_only() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name using errcode = 'insufficient_privilege';
end $$;
create trigger posting_append_only before update or delete or truncate on posting
  for each statement execute function append_only();
create trigger transfer_append_only before update or delete or truncate on transfer
  for each statement execute function append_only();

create table reward (
  workspace_id integer not null,
  id uuid not null,
  business_key text not null,
  advocate_id uuid not null,
  program_id integer not null,
  offer_id integer not null,
  conversion_id uuid not null,
  role text not null,
  incentive text not null,
  label text not null,
  amount_minor bigint not null check (amount_minor >= 0),
  currency char(3) not null,
  state text not null check (state in ('held', 'approved', 'in_payout', 'paid', 'void')),
  reason text not null,
  -- why a person must look before this is approved; empty when nothing speaks against it
  review text not null default '',
  asked_by text,
  hold_until timestamptz not null,
  created_at timestamptz not null,
  approved_by text,
  approved_at timestamptz,
  payout_id uuid,
  primary key (workspace_id, id),
  unique (workspace_id, business_key),
  check (approved_by is null or asked_by is null or approved_by <> asked_by)
);
create index reward_advocate on reward (workspace_id, advocate_id);
create index reward_list on reward (workspace_id, created_at desc, id desc);
create index reward_payout on reward (workspace_id, payout_id) where payout_id is not null;

create table payout (
  workspace_id integer not null,
  id uuid not null,
  rail text not null,
  state text not null check (state in ('requested', 'approved', 'exported', 'paid', 'cancelled')),
  currency char(3) not null,
  total_minor bigint not null check (total_minor > 0),
  requested_by text not null,
  requested_at timestamptz not null,
  approved_by text,
  approved_at timestamptz,
  paid_by text,
  paid_at timestamptz,
  reference text not null default '',
  primary key (workspace_id, id),
  check (approved_by is null or approved_by <> requested_by)
);
