delete from signal s using signal t
where s.workspace_id = t.workspace_id and s.subject = t.subject and s.event_id = t.event_id and s.kind = t.kind and s.at > t.at;
alter table signal drop constraint signal_pkey;
alter table signal add primary key (workspace_id, subject, event_id, kind);
