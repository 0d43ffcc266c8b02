-- identity: conflicts, review state
select 1;
