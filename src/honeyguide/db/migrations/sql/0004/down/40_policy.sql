drop function forget_decisions(bigint, bigint[]);
drop table training;
drop table brain_state;
drop table budget_plan;
drop table moment_look;
drop table policy_snapshot;
alter table decision drop column deferred;
alter table decision drop column weight;
