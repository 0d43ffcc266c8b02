-- undoes ../20_identity.sql
select 1;
