-- undoes ../20_identity.sql
drop index record_parent;
drop table identity_conflict;
drop table identity_settled;
drop table identity_protection;
drop table identity_decision;
