-- A record of a pulled stream may tell its whole history at once: several facts of one kind about one subject, each at
-- its own time.
alter table signal drop constraint signal_pkey;
alter table signal add primary key (workspace_id, subject, event_id, kind, at);
