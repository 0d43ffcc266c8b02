-- undoes ../15_ingest.sql
drop table upload_piece, upload;
drop function append_events;
drop index event_log_received;
create index event_log_event on event_log (workspace_id, event_id);
