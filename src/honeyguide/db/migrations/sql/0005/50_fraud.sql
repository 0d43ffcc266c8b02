-- fraud: marks that tie people, the review queue, labels, learned weights, and the workspace's policy

-- Keyed hashes need a key of the workspace's own: the same device is another digest elsewhere, and none can be guessed.
create table fraud_key (
  workspace_id integer not null references workspace (id),
  key bytea not null,
  primary key (workspace_id)
);

-- What an advocate or a referred friend used that others may use too, as a keyed hash. owner: an advocate or a referral.
create table fraud_mark (
  workspace_id integer not null references workspace (id),
  side text not null check (side in ('advocate', 'friend')),
  owner uuid not null,
  kind text not null check (kind in ('payee', 'card', 'device', 'phone', 'network')),
  digest text not null,
  at timestamptz not null,
  primary key (workspace_id, side, owner, kind, digest)
);
create index fraud_mark_digest on fraud_mark (workspace_id, kind, digest, at);

-- One case per referral somebody should look at. amounts: the evidence in numbers, what a verdict teaches. seen: the rules a
-- reviewer had before them, so that the same finding never holds twice and a new one opens the case again.
create table fraud_case (
  workspace_id integer not null references workspace (id),
  referral_id uuid not null,
  state text not null check (state in ('open', 'unsure', 'fraud', 'honest', 'closed')),
  held boolean not null,
  probability double precision not null check (probability between 0 and 1),
  threshold double precision not null,
  stake_minor bigint not null check (stake_minor >= 0),
  expected_loss_minor bigint not null check (expected_loss_minor >= 0),
  currency char(3) not null,
  shape text not null,
  reasons jsonb not null,
  amounts jsonb not null,
  subgraph jsonb not null,
  seen text[] not null default '{}',
  opened_at timestamptz not null,
  updated_at timestamptz not null,
  decided_by text,
  decided_at timestamptz,
  reason text not null default '',
  primary key (workspace_id, referral_id)
);
create index fraud_case_queue on fraud_case (workspace_id, state, expected_loss_minor desc, referral_id);

-- What referrals turned out to be: what reviewers said, and what became of the money. Numbers only; the last word per source counts.
create table fraud_label (
  workspace_id integer not null references workspace (id),
  referral_id uuid not null,
  source text not null check (source in ('reviewer', 'outcome')),
  verdict text not null check (verdict in ('fraud', 'honest', 'unsure')),
  weight double precision not null check (weight >= 0),
  amounts jsonb not null,
  actor text not null,
  at timestamptz not null,
  primary key (workspace_id, referral_id, source)
);

-- Weights by version: the newest counts, older ones stay for whoever asks what was believed.
create table fraud_weights (
  workspace_id integer not null references workspace (id),
  version integer not null,
  body jsonb not null,
  labels integer not null,
  at timestamptz not null,
  primary key (workspace_id, version)
);

-- What each rule does here and what mistakes cost, by version.
create table fraud_policy (
  workspace_id integer not null references workspace (id),
  version integer not null,
  body jsonb not null,
  actor text not null,
  at timestamptz not null,
  primary key (workspace_id, version)
);
