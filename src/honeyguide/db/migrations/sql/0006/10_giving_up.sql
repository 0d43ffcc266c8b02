-- A payment nobody knows the end of may be given up, by two persons.
alter table ledger_proposal drop constraint ledger_proposal_kind_check;
alter table ledger_proposal add constraint ledger_proposal_kind_check
  check (kind in ('budget', 'reward', 'adjustment', 'write_off', 'give_up'));
