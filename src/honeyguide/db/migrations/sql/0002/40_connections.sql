-- connections: credentials, streams, runs
select 1;
