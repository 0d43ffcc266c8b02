-- undoes ../30_proposals.sql
select 1;
