-- undoes ../15_ingest.sql
drop function append_events;
