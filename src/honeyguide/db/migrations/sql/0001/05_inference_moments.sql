-- inference: what statistics count and judgements stand on; moments: delight with a window, and what forbids asking

create table activity (
  workspace_id integer not null,
  record_id bigint not null,
  product bigint not null,
  feature bigint not null,
  day date not null,
  n bigint not null,
  last_event_id uuid not null,
  last_at timestamptz not null,
  primary key (workspace_id, record_id, product, feature, day)
);
create index activity_day on activity (workspace_id, product, day);

-- The sum of it: what tells in one look-up whether a milestone of use can have been crossed.
create table usage_total (
  workspace_id integer not null,
  record_id bigint not null,
  product bigint not null,
  n bigint not null,
  primary key (workspace_id, record_id, product)
);

-- Months whose activity changed since they were last judged. Marking updates the row, so that whoever judges a
-- month waits for the batch that is changing it.
create table usage_month (
  workspace_id integer not null,
  product bigint not null,
  month date not null,
  marks bigint not null default 1,
  primary key (workspace_id, product, month)
);

-- The facts the judgements stand on: what each event says about one ticket, deal, invoice ...
-- Judgements are recomputed from the whole set of a subject, so arrival order plays no part.
create table signal (
  workspace_id integer not null,
  subject bigint not null,
  event_id uuid not null,
  kind text not null,
  subject_kind text not null,
  subject_key text not null,
  at timestamptz not null,
  source text not null,
  ref text not null,
  record_id bigint,
  company_record_id bigint,
  props jsonb not null,
  texts jsonb not null,
  primary key (workspace_id, subject, event_id, kind)
);
create index signal_record on signal (workspace_id, record_id) where record_id is not null;

-- The titles a person was seen with: first and last sight per title and calendar month (UTC), so that a title sent
-- with every sign-in stays one row a month.
create table title_seen (
  workspace_id integer not null,
  record_id bigint not null,
  title_id uuid not null,
  month date not null,
  title text not null,
  first_at timestamptz not null,
  first_event_id uuid not null,
  first_source text not null,
  first_ref text not null,
  last_at timestamptz not null,
  last_event_id uuid not null,
  last_source text not null,
  last_ref text not null,
  primary key (workspace_id, record_id, title_id, month)
);

create table moment (
  workspace_id integer not null,
  id uuid not null,
  kind text not null,
  subject bigint not null,
  record_id bigint not null,
  company_record_id bigint,
  strength real not null check (strength > 0 and strength <= 1),
  title text not null,
  occurred_at timestamptz not null,
  window_ends_at timestamptz not null,
  half_life_hours real not null,
  detector_version text not null,
  event_id uuid not null,
  evidence jsonb not null,
  primary key (workspace_id, id)
);
create index moment_subject on moment (workspace_id, subject, kind);
create index moment_record on moment (workspace_id, record_id);
create index moment_company on moment (workspace_id, company_record_id);
create index moment_window on moment (workspace_id, window_ends_at);

-- What speaks against asking anybody of a company: open escalations, urgent or badly rated tickets, unpaid invoices.
create table incident (
  workspace_id integer not null,
  subject bigint not null,
  kind text not null,
  record_id bigint,
  company_record_id bigint,
  reason text not null,
  source text not null,
  ref text not null,
  event_id uuid not null,
  since timestamptz not null,
  ends_at timestamptz not null,
  primary key (workspace_id, subject)
);
create index incident_record on incident (workspace_id, record_id);
create index incident_company on incident (workspace_id, company_record_id);
