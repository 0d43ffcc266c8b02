-- graph: kinds of nodes and edges a workspace added to the vocabulary

create table vocabulary_extension (
  workspace_id integer not null,
  side text not null check (side in ('node', 'edge')),
  name text not null check (name ~ '^x_[a-z][a-z_]*$'),
  code smallint not null check (code >= 1000),
  definition jsonb not null,
  added_by text not null default '',
  added_at timestamptz not null,
  primary key (workspace_id, side, name),
  unique (workspace_id, side, code)
);
