drop function scrub_workspace(bigint, text);
drop function rewrite_events(bigint, uuid[], timestamptz[], bytea[]);
drop function redact_events(uuid[], timestamptz[]);

drop table enrichment_day, enrichment_cache, suppression_key, suppressed_digest, suppression, replay_place, replay_run,
  mapping_reading, mapping_version, plan_violation, tracking_plan, source_day, shape, letter_run;

drop index dead_letter_state;
alter table dead_letter drop column mended_as;
alter table dead_letter drop column closed_by;
alter table dead_letter drop column closed_at;

-- one cursor reads every lane again: from the lane that was read least, so that nothing is left out. Effects have keys.
update consumer_cursor c set last_xid = least.last_xid, last_seq = least.last_seq from (
  select distinct on (workspace_id, consumer) workspace_id, consumer, last_xid, last_seq from consumer_cursor
  order by workspace_id, consumer, last_xid, last_seq) as least
where least.workspace_id = c.workspace_id and least.consumer = c.consumer;
delete from consumer_cursor where lane <> 0;
alter table consumer_cursor drop constraint consumer_cursor_pkey;
alter table consumer_cursor drop column lane;
alter table consumer_cursor add primary key (workspace_id, consumer);

alter table event_log drop constraint event_log_pkey;
alter table event_log add primary key (workspace_id, xid, seq, received_at);
