-- Reminders. What an approval covered is written down with it: a playbook changed later changes no reminder that is planned.
-- (ask, number) is the key for good: whatever is repeated, a reminder is sent once.

create table ask_follow_up (
  workspace_id integer not null,
  ask_id uuid not null,
  number smallint not null check (number >= 1),
  most smallint not null check (most between number and 2),
  after_days smallint not null check (after_days between 3 and 60),
  tone text not null,
  channel text not null check (channel in ('email', 'inapp')),
  -- the step's stop rules, as they were approved
  stop jsonb not null,
  state text not null check (state in ('planned', 'off', 'queued', 'sent', 'cancelled')),
  reason text not null default '',
  -- known once the message before it has gone
  due_at timestamptz,
  changed_by text not null,
  changed_at timestamptz not null,
  primary key (workspace_id, ask_id, number)
);
create index ask_follow_up_due on ask_follow_up (workspace_id, due_at) where state = 'planned' and due_at is not null;

-- 0 is the ask's own message.
alter table message add column follow_up smallint not null default 0 check (follow_up between 0 and 2);
alter table message drop constraint message_workspace_id_ask_id_channel_key;
create unique index message_of_ask on message (workspace_id, ask_id, channel, follow_up);
create unique index message_follow_up on message (workspace_id, ask_id, follow_up) where follow_up > 0;
