delete from ledger_proposal where kind = 'give_up';
alter table ledger_proposal drop constraint ledger_proposal_kind_check;
alter table ledger_proposal add constraint ledger_proposal_kind_check
  check (kind in ('budget', 'reward', 'adjustment', 'write_off'));
