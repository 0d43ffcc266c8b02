-- inference: the texts to be read, what was answered about them by whom, what that cost, what waits for a person

-- One row per text of a fact (`signal`). The text itself stays in `signal`: an erased person leaves no word here.
-- `digest` is that of the item asked about; `asked` says which versions and tiers it was last decided with.
create table reading (
  workspace_id integer not null,
  id uuid not null,
  subject bigint not null,
  event_id uuid not null,
  field text not null,
  kind text not null check (kind in ('ticket', 'rating', 'note', 'mail', 'survey')),
  digest uuid not null,
  at timestamptz not null,
  record_id bigint,
  company_record_id bigint,
  lane smallint not null,
  value real not null,
  state text not null check (state in ('waiting', 'parked', 'read')),
  tries integer not null default 0,
  due_at timestamptz not null,
  asked text not null,
  primary key (workspace_id, id)
) with (fillfactor = 80);
create index reading_queue on reading (workspace_id, lane, value desc, at, id) where state = 'waiting';
create index reading_rest on reading (workspace_id, state, asked, at);
create index reading_subject on reading (workspace_id, subject);
create index reading_digest on reading (workspace_id, digest);
create index reading_event on reading (workspace_id, event_id);
create index reading_company on reading (workspace_id, company_record_id) where kind in ('note', 'mail');
create index reading_record on reading (workspace_id, record_id);

-- The decision log, and the cache that makes a replay free. Words are kept as their places only: evidence is
-- {"spans": [[start, end], ...]}. Of several answers of one tier to one question the newest is `current`. `before`: how sure we
-- were of the likeliest label before this answer came, for the curves of escalation.
create table answer (
  workspace_id integer not null,
  digest uuid not null,
  task text not null,
  question text not null,
  tier text not null,
  at timestamptz not null,
  provider text not null,
  model text not null,
  prompt text not null,
  probs jsonb not null,
  logits jsonb,
  evidence jsonb not null,
  flags text[] not null,
  tokens_in bigint not null,
  tokens_out bigint not null,
  cpu_ms real not null,
  cost_micros bigint not null,
  before real not null,
  asked text not null,
  event_id uuid,
  current boolean not null,
  primary key (workspace_id, digest, task, question, tier, at)
);
create index answer_current on answer (workspace_id, digest) where current;
create index answer_log on answer (workspace_id, task, question, tier) where current;

-- Questions a person should answer, the most valuable first. `answers`: label -> probability of what is believed now.
create table inference_review (
  workspace_id integer not null,
  id uuid not null,
  reading_id uuid not null,
  subject bigint not null,
  digest uuid not null,
  task text not null,
  question text not null,
  tier text not null,
  answers jsonb not null,
  evidence jsonb not null,
  flags text[] not null,
  disagreement boolean not null,
  value double precision not null,
  state text not null check (state in ('open', 'decided')),
  label text not null,
  actor text not null,
  decided_at timestamptz,
  at timestamptz not null,
  primary key (workspace_id, id)
) with (fillfactor = 80);
create index inference_review_queue on inference_review (workspace_id, state, value desc, id);
create index inference_review_subject on inference_review (workspace_id, subject);

create table inference_spend (
  workspace_id integer not null,
  day date not null,
  provider text not null,
  tier text not null,
  tokens_in bigint not null default 0,
  tokens_out bigint not null default 0,
  cost_micros bigint not null default 0,
  cpu_ms bigint not null default 0,
  calls bigint not null default 0,
  items bigint not null default 0,
  refused bigint not null default 0,
  primary key (workspace_id, day, provider)
) with (fillfactor = 80);

-- Limits per day; null is the shipped default.
create table inference_budget (
  workspace_id integer not null,
  tokens bigint check (tokens >= 0),
  cost_micros bigint check (cost_micros >= 0),
  cpu_ms bigint check (cpu_ms >= 0),
  actor text not null,
  at timestamptz not null,
  primary key (workspace_id)
);

-- What a note or mail names: a word of a name, folded, as part of which phrase; `node_id` is whom it may mean, 0 while nobody
-- is known by it (such names wait here and never enter the graph). Whoever is joined, renamed or met for the first time
-- brings the texts that name them back to be judged.
create table mention (
  workspace_id integer not null,
  subject bigint not null,
  name text not null,
  phrase text not null,
  node_id bigint not null,
  primary key (workspace_id, subject, name, phrase, node_id)
);
create index mention_name on mention (workspace_id, name);
create index mention_node on mention (workspace_id, node_id) where node_id <> 0;

-- The products texts are searched for, under the name they had when the texts were last searched.
create table product_seen (
  workspace_id integer not null,
  id bigint not null,
  name text not null,
  primary key (workspace_id, id)
);
