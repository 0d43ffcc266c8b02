drop index signal_contract;
drop table persona_score;
drop table readiness;
