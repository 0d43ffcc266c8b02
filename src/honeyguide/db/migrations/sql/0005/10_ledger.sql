-- placeholder of 10_ledger
select 1;
