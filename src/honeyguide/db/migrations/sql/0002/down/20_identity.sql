-- undoes ../20_identity.sql
drop table company_parent;
drop table identity_conflict;
drop table identity_settled;
drop table identity_protection;
drop table identity_decision;
alter table record drop column known;
