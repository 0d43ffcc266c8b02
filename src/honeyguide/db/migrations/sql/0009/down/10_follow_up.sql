drop index message_of_ask;
drop index message_follow_up;
-- A message is known by its ask and channel alone again: of those there are several, the first stays.
delete from message where follow_up > 0;
alter table message drop column follow_up;
alter table message add constraint message_workspace_id_ask_id_channel_key unique (workspace_id, ask_id, channel);
drop table ask_follow_up;
