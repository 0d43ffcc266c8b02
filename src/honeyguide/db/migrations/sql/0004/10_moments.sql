-- moments: how far the daily pass has come, what is due, what people said of moments, and what was learned from it

-- Moments that time makes are told up to this day, whoever renews them: a replay then makes the same ones. A dry run copies
-- the day into its scratch, whose number is no workspace's: hence no reference.
create table moment_day (
  workspace_id integer not null,
  through date not null,
  primary key (workspace_id)
);

-- Derived, by record: the next day on which time alone makes a moment of the account's (`account`), or at once (`spike`: the
-- use of a product, `product`, has changed and is to be looked at).
create table moment_due (
  workspace_id integer not null,
  kind text not null check (kind in ('account', 'spike')),
  record_id bigint not null,
  product bigint not null default 0,
  due date not null,
  primary key (workspace_id, kind, record_id, product)
);
create index moment_due_when on moment_due (workspace_id, kind, due, record_id);

-- What people said of a moment: that it was none (`true_moment` false), that it was one, or only that it was not the time. One row
-- per moment: the last word counts. No person is named; the moment's id tells whose it was as long as the moment stands.
create table moment_label (
  workspace_id integer not null references workspace (id),
  moment_id uuid not null,
  kind text not null,
  segment text not null,
  reason text not null,
  true_moment boolean,
  actor text not null,
  note text not null default '',
  at timestamptz not null,
  primary key (workspace_id, moment_id)
);
create index moment_label_kind on moment_label (workspace_id, kind, segment);

-- Half-lives by version: the newest counts, older ones stay for whoever asks what was believed. `of`: moments it was learned from.
create table moment_half_life (
  workspace_id integer not null references workspace (id),
  version integer not null,
  kind text not null,
  segment text not null,
  hours double precision not null check (hours > 0),
  low double precision not null,
  high double precision not null,
  n integer not null,
  shared integer not null,
  digest text not null,
  at timestamptz not null,
  primary key (workspace_id, version, kind, segment)
);

-- How often moments of a kind come to people of a segment: what a person's own rate is drawn to. Counted anew every day.
create table moment_rate (
  workspace_id integer not null references workspace (id),
  segment text not null,
  kind text not null,
  n integer not null,
  days double precision not null,
  at timestamptz not null,
  primary key (workspace_id, segment, kind)
);

-- An account's contracts are found from any of its records.
create index signal_account on signal (workspace_id, company_record_id) where subject_kind in ('subscription', 'deal');

-- The list of moments, newest first.
create index moment_when on moment (workspace_id, occurred_at, id);
