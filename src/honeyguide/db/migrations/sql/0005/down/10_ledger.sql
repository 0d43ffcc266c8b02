drop trigger transfer_linked on transfer;
drop function link_transfer();
drop function transfer_digest(integer, uuid, bigint, bytea);
drop table transfer_link;
drop table ledger_proposal;
alter table transfer drop column rate_id;
drop table fx_rate;
drop table reward_dispute;
drop table reward_reversal;
drop table reward_move;
drop index reward_conversion;
drop index reward_expires;
drop index reward_waits;
drop index reward_state;
alter table reward drop constraint reward_amounts_check;
alter table reward drop constraint reward_state_check;
update reward set state = case
  when state in ('pending', 'review') then 'held'
  when state = 'payable' then 'approved'
  when state = 'reversed' and amount_minor > 0 then 'paid'
  when state in ('reversed', 'expired', 'capped') then 'void' else state end;
update reward set amount_minor = issued_minor where state = 'void';
alter table reward
  drop column wanted_minor, drop column issued_minor, drop column reversed_minor, drop column clawed_minor,
  drop column netted_minor, drop column beneficiary, drop column part, drop column pending_for, drop column pending_until,
  drop column expires_at, drop column claimed_at, drop column disputed;
alter table reward add constraint reward_state_check check (state in ('held', 'approved', 'in_payout', 'paid', 'void'));
alter table ledger_account drop constraint ledger_account_owed_check;
alter table ledger_account drop constraint ledger_account_kind_check;
alter table ledger_account add constraint ledger_account_kind_check check (kind in
  ('budget', 'expense', 'held', 'available', 'in_payout', 'paid', 'allowance', 'allowed')) not valid;
