-- inference: what people and outcomes said about texts, and the heads that were fitted on it

-- One row per text, question and source; of one source's words the newest stands. The text itself is in `signal`, found
-- through `reading`: an erased person leaves no word here. `denied`: the label is known to be wrong, not to be right.
create table inference_label (
  workspace_id integer not null,
  task text not null,
  question text not null,
  digest uuid not null,
  source text not null check (source in ('accept', 'reject', 'correct', 'csat', 'status')),
  label text not null,
  denied boolean not null,
  text_ref text not null,
  actor text not null,
  weight real not null check (weight > 0 and weight <= 1),
  at timestamptz not null,
  primary key (workspace_id, task, question, digest, source)
) with (fillfactor = 90);
create index inference_label_digest on inference_label (workspace_id, digest);

-- Every head that was ever fitted for a question, whether it came to answer or not, and why. `version` 0 is the shipped one
-- and has no row. `parent`: the version that answered when it was tried. `tries`: the how manieth against that one.
create table inference_head (
  workspace_id integer not null,
  task text not null,
  question text not null,
  version integer not null check (version > 0),
  parent integer not null,
  tries integer not null check (tries > 0),
  state text not null check (state in ('candidate', 'current', 'retired')),
  head bytea not null,
  features text not null,
  labels integer not null,
  reviewed integer not null,
  seeds integer not null,
  metrics jsonb not null,
  reason text not null,
  trained_at timestamptz not null,
  decided_at timestamptz,
  actor text not null,
  primary key (workspace_id, task, question, version)
);
create unique index inference_head_current on inference_head (workspace_id, task, question) where state = 'current';
