-- undoes ../40_connections.sql
select 1;
