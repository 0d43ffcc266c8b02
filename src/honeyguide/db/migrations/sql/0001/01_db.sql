-- db: workspaces, the directory that finds them, cursors, outbox, audit

create table workspace (
  id integer generated always as identity primary key,
  slug text not null unique,
  name text not null,
  currency char(3) not null,
  timezone text not null default 'UTC',
  settings jsonb not null default '{}',
  created_at timestamptz not null
);

-- Which workspace does a key, link or sign-in belong to? Digests and ids only: the one table
-- read before the workspace is known, so it is outside row-level security on purpose.
create table directory (
  kind text not null,
  digest bytea not null,
  workspace_id integer not null references workspace (id),
  primary key (kind, digest)
);
create index directory_workspace on directory (workspace_id, kind);

create table consumer_cursor (
  workspace_id integer not null references workspace (id),
  consumer text not null,
  last_xid xid8 not null default '0',
  last_seq bigint not null default 0,
  holder text,
  moved_at timestamptz,
  consumed bigint not null default 0,
  primary key (workspace_id, consumer)
);

create table outbox (
  workspace_id integer not null references workspace (id),
  id bigint generated always as identity,
  topic text not null,
  key text not null,
  payload jsonb not null,
  state text not null default 'pending' check (state in ('pending', 'done', 'failed')),
  attempts integer not null default 0,
  created_at timestamptz not null,
  due_at timestamptz not null,
  done_at timestamptz,
  result jsonb,
  failure text,
  primary key (workspace_id, id),
  unique (workspace_id, topic, key)
);
create index outbox_due on outbox (workspace_id, due_at) where state = 'pending';

create table audit_entry (
  workspace_id integer not null references workspace (id),
  id bigint generated always as identity,
  at timestamptz not null,
  actor text not null,
  action text not null,
  subject text not null,
  detail jsonb not null default '{}',
  primary key (workspace_id, id)
);
create index audit_subject on audit_entry (workspace_id, subject);
