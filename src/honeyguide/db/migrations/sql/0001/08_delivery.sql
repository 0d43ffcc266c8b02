-- delivery: consent, messages, the built-in mail sink

create table consent (
  workspace_id integer not null,
  id uuid not null,
  address text not null,
  channel text not null check (channel in ('email', 'inapp')),
  state text not null check (state in ('granted', 'withdrawn')),
  source text not null,
  event_id uuid,
  at timestamptz not null,
  primary key (workspace_id, id)
);
create index consent_address on consent (workspace_id, address, channel, at desc);

create table message (
  workspace_id integer not null,
  id uuid not null,
  ask_id uuid not null,
  record_id bigint not null,
  company_record_id bigint,
  channel text not null check (channel in ('email', 'inapp')),
  to_address text not null,
  subject text not null,
  html text not null,
  text text not null,
  unsubscribe_digest bytea not null,
  state text not null check (state in ('queued', 'sent', 'failed', 'blocked')),
  blocked_reason text,
  failure text,
  created_at timestamptz not null,
  sent_at timestamptz,
  read_at timestamptz,
  provider_ref text,
  primary key (workspace_id, id),
  unique (workspace_id, ask_id, channel)
);
create index message_record on message (workspace_id, record_id, created_at);
create index message_company on message (workspace_id, company_record_id, created_at);
create index message_newest on message (workspace_id, created_at desc, id desc);
create index message_unsubscribe on message (workspace_id, unsubscribe_digest);

create table sink_mail (
  workspace_id integer not null,
  id bigint generated always as identity,
  message_ref text not null,
  sender text not null,
  recipient text not null,
  subject text not null,
  raw bytea not null,
  received_at timestamptz not null,
  primary key (workspace_id, id),
  unique (workspace_id, message_ref)
);
