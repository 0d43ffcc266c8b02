-- undoes ../10_funnel.sql
select 1;
