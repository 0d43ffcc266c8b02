-- decisions: how ready each advocate is, and what that is made of; graph: scores other stages publish for segments

-- One row per persona that belongs to a customer. parts: points each component moved the score by, in the order of
-- readiness_parts.FEATURES; values: what the components were computed from, in the same order.
create table readiness (
  workspace_id integer not null references workspace (id),
  persona bigint not null,
  company bigint,
  score real not null check (score between 0 and 100),
  low real not null,
  high real not null,
  stage text not null,
  segment text not null,
  vertical text not null,
  amounts real[] not null,
  points real[] not null,
  barred text not null default '',
  at timestamptz not null,
  primary key (workspace_id, persona)
) with (fillfactor = 70);
create index readiness_score on readiness (workspace_id, score desc, persona);

-- Scores of personas that a later stage publishes and conditions of segments speak of: name of the score, value, a word.
create table persona_score (
  workspace_id integer not null references workspace (id),
  persona bigint not null,
  name text not null,
  value double precision not null,
  word text not null default '',
  at timestamptz not null,
  primary key (workspace_id, persona, name)
) with (fillfactor = 70);
create index persona_score_value on persona_score (workspace_id, name, value desc, persona);

-- Contracts of a company, for the stages of the journey.
create index signal_contract on signal (workspace_id, company_record_id)
  where kind in ('subscription.started', 'subscription.renewed', 'subscription.expanded', 'subscription.cancelled');
