-- The whole life of a reward: more states, every move on paper, taking back in parts and after the payout, disputes,
-- rates, proposals that need a second person, and a chain of hashes over the transfers.

alter table ledger_account drop constraint ledger_account_kind_check;
alter table ledger_account add constraint ledger_account_kind_check check (kind in
  ('budget', 'expense', 'held', 'available', 'in_payout', 'paid', 'allowance', 'allowed', 'owed', 'exchange'));
-- What an advocate owes is never more than nothing the other way round: netting cannot take more than is owed.
alter table ledger_account add constraint ledger_account_owed_check check (kind <> 'owed' or balance_minor <= 0);

alter table reward drop constraint reward_state_check;
alter table reward
  -- what was earned, before a cap; what was posted when it was issued; what was taken back of that in all; the part of
  -- that taken back when the money was in a payout or paid; the part kept back in its payout for what was owed
  add column wanted_minor bigint not null default 0,
  add column issued_minor bigint not null default 0,
  add column reversed_minor bigint not null default 0,
  add column clawed_minor bigint not null default 0,
  add column netted_minor bigint not null default 0,
  add column beneficiary text not null default 'advocate' check (beneficiary in ('advocate', 'friend', 'parent')),
  add column part integer not null default 0,
  add column pending_for text not null default '',
  add column pending_until timestamptz,
  add column expires_at timestamptz,
  add column claimed_at timestamptz,
  add column disputed boolean not null default false;
update reward set wanted_minor = amount_minor, issued_minor = amount_minor;
update reward set state = 'reversed', reversed_minor = amount_minor, amount_minor = 0 where state = 'void';
update reward set state = 'payable' where state = 'approved';
update reward set state = 'review' where state = 'held' and review <> '';
alter table reward add constraint reward_state_check check (state in
  ('pending', 'held', 'review', 'approved', 'payable', 'in_payout', 'paid', 'reversed', 'expired', 'capped'));
alter table reward add constraint reward_amounts_check check (
  issued_minor >= 0 and wanted_minor >= issued_minor and reversed_minor between 0 and issued_minor
  and clawed_minor between 0 and reversed_minor and netted_minor between 0 and amount_minor
  and amount_minor = issued_minor - reversed_minor + clawed_minor);
create index reward_state on reward (workspace_id, state, created_at desc, id desc);
create index reward_waits on reward (workspace_id, (coalesce(pending_until, hold_until))) where state in ('pending', 'approved');
create index reward_expires on reward (workspace_id, expires_at) where expires_at is not null;
create index reward_conversion on reward (workspace_id, conversion_id);


-- Every move of a reward, in order, with who and why.
create table reward_move (
  workspace_id integer not null,
  reward_id uuid not null,
  number integer not null check (number > 0),
  was text not null,
  became text not null,
  actor text not null,
  reason text not null,
  at timestamptz not null,
  primary key (workspace_id, reward_id, number)
);
insert into reward_move (workspace_id, reward_id, number, was, became, actor, reason, at)
  select workspace_id, id, 1, '', state, coalesce(approved_by, 'honeyguide'), 'It stood here when moves began to be written down.',
    coalesce(approved_at, created_at) from reward;

-- What was taken back of a reward, under a permanent key of the event or decision that says so.
create table reward_reversal (
  workspace_id integer not null,
  reward_id uuid not null,
  key text not null,
  asked_minor bigint check (asked_minor > 0),
  taken_minor bigint not null check (taken_minor >= 0),
  clawed_minor bigint not null check (clawed_minor between 0 and taken_minor),
  reason text not null,
  actor text not null,
  at timestamptz not null,
  primary key (workspace_id, reward_id, key)
);
insert into reward_reversal (workspace_id, reward_id, key, taken_minor, clawed_minor, reason, actor, at)
  select r.workspace_id, r.id, '@void', r.reversed_minor, 0, coalesce(t.memo, ''), 'honeyguide', coalesce(t.at, r.created_at)
  from reward r left join transfer t on t.workspace_id = r.workspace_id and t.key = 'reward:' || r.id || ':void'
  where r.state = 'reversed';

create table reward_dispute (
  workspace_id integer not null,
  reward_id uuid not null,
  key text not null,
  reason text not null,
  opened_by text not null,
  opened_at timestamptz not null,
  outcome text check (outcome in ('won', 'lost')),
  closed_by text,
  closed_at timestamptz,
  primary key (workspace_id, reward_id, key),
  check ((outcome is null) = (closed_at is null) and (closed_by is null) = (closed_at is null))
);

-- One unit of the base currency is numerator / denominator units of the quote currency, from `at` on.
create table fx_rate (
  workspace_id integer not null,
  id uuid not null,
  base char(3) not null,
  quote char(3) not null,
  numerator bigint not null check (numerator > 0),
  denominator bigint not null check (denominator > 0),
  source text not null,
  at timestamptz not null,
  primary key (workspace_id, id),
  unique (workspace_id, base, quote, at),
  check (base <> quote)
);
alter table transfer add column rate_id uuid;

-- What needs a second person before it moves money.
create table ledger_proposal (
  workspace_id integer not null,
  id uuid not null,
  key text not null,
  kind text not null check (kind in ('budget', 'reward', 'adjustment', 'write_off')),
  body jsonb not null,
  reason text not null,
  state text not null check (state in ('open', 'confirmed', 'rejected')),
  proposed_by text not null,
  proposed_at timestamptz not null,
  decided_by text,
  decided_at timestamptz,
  decision text not null default '',
  primary key (workspace_id, id),
  unique (workspace_id, key),
  check (state <> 'confirmed' or (decided_by is not null and decided_by <> proposed_by))
);
create index ledger_proposal_list on ledger_proposal (workspace_id, proposed_at desc, id desc);

-- The chain: each transfer's hash covers the one before it. It is written when the transaction commits, where nothing is
-- waited for any more, so that two transactions cannot wait for each other over it.
create table transfer_link (
  workspace_id integer not null,
  number bigint not null check (number > 0),
  transfer_id uuid not null,
  hash bytea not null,
  primary key (workspace_id, number),
  unique (workspace_id, transfer_id)
);

create function transfer_digest(the_workspace integer, the_transfer uuid, the_number bigint, before bytea) returns bytea
language sql stable as $$
  select sha256(before || convert_to(concat_ws(E'\n', the_number::text, t.id::text, t.key, t.kind,
    (extract(epoch from t.at) * 1000000)::bigint::text, coalesce(t.reversal_of::text, '-'), coalesce(t.rate_id::text, '-'),
    (select string_agg(concat_ws('|', p.line::text, a.kind, a.owner, p.currency, p.amount_minor::text), E'\n' order by p.line)
     from posting p join ledger_account a on a.workspace_id = p.workspace_id and a.id = p.account_id
     where p.workspace_id = the_workspace and p.transfer_id = the_transfer)), 'UTF8'))
  from transfer t where t.workspace_id = the_workspace and t.id = the_transfer
$$;

create function link_transfer() returns trigger language plpgsql as $$
declare
  last record;
  next_number bigint;
begin
  perform pg_advisory_xact_lock(1818517362, new.workspace_id);
  select l.number, l.hash into last from transfer_link l where l.workspace_id = new.workspace_id order by l.number desc limit 1;
  next_number := coalesce(last.number, 0) + 1;
  insert into transfer_link (workspace_id, number, transfer_id, hash) values (new.workspace_id, next_number, new.id,
    transfer_digest(new.workspace_id, new.id, next_number, coalesce(last.hash, ''::bytea)));
  return null;
end $$;
create constraint trigger transfer_linked after insert on transfer
  deferrable initially deferred for each row execute function link_transfer();

do $$ declare
  t record;
  before bytea := ''::bytea;
  number bigint := 0;
  ours integer := -1;
begin
  for t in select workspace_id, id from transfer order by workspace_id, at, key loop
    if t.workspace_id <> ours then
      ours := t.workspace_id; number := 0; before := ''::bytea;
    end if;
    number := number + 1;
    before := transfer_digest(t.workspace_id, t.id, number, before);
    insert into transfer_link (workspace_id, number, transfer_id, hash) values (t.workspace_id, number, t.id, before);
  end loop;
end $$;

-- Append-only by grants, and by a trigger for everybody else. History and reversals are scrubbed at an erasure (their
-- reasons may name a person), so only their application rights are taken.
select guard_with_workspace(t::regclass) from unnest(array['reward_move', 'reward_reversal', 'transfer_link', 'fx_rate']) t;
revoke update, delete, truncate on reward_move, reward_reversal, transfer_link, fx_rate from honeyguide_app;
create trigger transfer_link_append_only before update or delete or truncate on transfer_link
  for each statement execute function append_only();
