-- experts: who challenges where, what the gate learned, how good each was, what a language model answered;
-- autonomy: its signed history, what it released, budgets it may change; what people taught at level 0

-- An expert gets a part of the decisions of a segment and stage only while somebody has named it there.
create table expert_challenger (
  workspace_id integer not null,
  segment text not null,
  stage text not null,
  expert text not null,
  named_by text not null,
  named_at timestamptz not null,
  primary key (workspace_id, segment, stage, expert)
);

create table expert_weight (
  workspace_id integer not null,
  segment text not null,
  stage text not null,
  expert text not null,
  weight double precision not null check (weight >= 0 and weight <= 1),
  decisions bigint not null,
  at timestamptz not null,
  primary key (workspace_id, segment, stage, expert)
);

-- One line per expert, segment, stage and day it was judged anew; '' is all of them together.
create table expert_track (
  workspace_id integer not null,
  expert text not null,
  segment text not null,
  stage text not null,
  day date not null,
  at timestamptz not null,
  opinions bigint not null,
  forecasts bigint not null,
  brier double precision,
  dissents bigint not null,
  regret double precision,
  lift double precision,
  lower double precision,
  upper double precision,
  effective double precision not null,
  refused text not null,
  primary key (workspace_id, expert, segment, stage, day)
);

-- Answers of a language model, by a digest of what it was asked: closed words and counts, nothing about a person.
create table expert_answer (
  workspace_id integer not null,
  question uuid not null,
  model text not null,
  distribution jsonb not null,
  reason text not null,
  evidence jsonb not null,
  dropped jsonb not null,
  cost_micros bigint not null,
  at timestamptz not null,
  primary key (workspace_id, question)
);
create table expert_question (
  workspace_id integer not null,
  question uuid not null,
  briefing jsonb not null,
  asked bigint not null default 1,
  failed smallint not null default 0,
  first_at timestamptz not null,
  next_at timestamptz not null,
  primary key (workspace_id, question)
);
create index expert_question_due on expert_question (workspace_id, next_at);

-- Append-only, numbered without a gap, each row bound to the one before it and signed by the installation's key.
-- `actor` and `note` are bound by keyed digests, so that an erasure may empty the words and leave the chain whole.
create table autonomy_event (
  workspace_id integer not null,
  seq bigint not null check (seq > 0),
  at timestamptz not null,
  kind text not null check (kind in ('up', 'down', 'stop', 'resume', 'ceiling', 'bounds', 'budget')),
  step text not null,
  from_level smallint not null check (from_level between 0 and 4),
  to_level smallint not null check (to_level between 0 and 4),
  evidence jsonb not null,
  actor text not null,
  actor_digest bytea not null,
  note text not null,
  note_digest bytea not null,
  previous bytea not null,
  hash bytea not null,
  signature bytea not null,
  primary key (workspace_id, seq),
  check (kind <> 'up' or (to_level = from_level + 1 and step <> '' and evidence <> '{}'::jsonb))
);
create index autonomy_event_step on autonomy_event (workspace_id, step, seq desc);

-- What ran alone: one row per ask, so that neither a retry nor a second worker spends a cap twice.
create table autonomy_release (
  workspace_id integer not null,
  ask_id uuid not null,
  step text not null,
  level smallint not null check (level between 1 and 4),
  head bigint not null,
  outcome text not null check (outcome in ('released', 'refused', 'returned')),
  reason text not null default '',
  at timestamptz not null,
  again_at timestamptz,
  primary key (workspace_id, ask_id)
);
create index autonomy_release_step on autonomy_release (workspace_id, step, at);

-- What a person decided about a suggestion of level 0, as a label: ids and closed words, no text.
create table ask_label (
  workspace_id integer not null,
  ask_id uuid not null,
  decision_id uuid not null,
  step text not null,
  verdict text not null check (verdict in ('approve', 'edit', 'not_now')),
  reason text not null default '',
  edited text[] not null default '{}',
  offer_id integer not null,
  chosen_offer_id integer not null,
  action text not null,
  propensity double precision not null,
  at timestamptz not null,
  primary key (workspace_id, ask_id)
);
create index ask_label_at on ask_label (workspace_id, at, ask_id);
create index ask_label_step on ask_label (workspace_id, step, at);
create index decision_step on decision (workspace_id, playbook_step, at);

-- Guarded here already, so that what the guard grants can be taken back: nobody changes an act, and nobody deletes one.
select guard_with_workspace('autonomy_event'::regclass);
revoke update, delete, truncate on autonomy_event from honeyguide_app;
