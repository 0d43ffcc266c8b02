-- inference: what statistics count; moments: delight with a window

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

create table moment (
  workspace_id integer not null,
  id uuid not null,
  kind text not null,
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
create index moment_record on moment (workspace_id, record_id);
create index moment_company on moment (workspace_id, company_record_id);
create index moment_window on moment (workspace_id, window_ends_at);
