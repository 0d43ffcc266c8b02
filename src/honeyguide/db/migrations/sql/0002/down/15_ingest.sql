-- undoes ../15_ingest.sql
drop function append_events;
create index event_log_event on event_log (workspace_id, event_id);
