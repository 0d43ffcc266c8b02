-- undoes ../40_connections.sql
drop table oauth_flow;
drop table sync_run;
drop table connection_refetch;
drop table connection_record;
drop table connection_stream;
drop table connection;
