-- ingest: one call writes a batch

-- A B-tree over random ids was a third of what an event costs, for look-ups a person waits for. The window of known ids
-- says when an event was received, and this index, a few pages for months of log, where that stands. It also serves time
-- windows and the newest rows of a quiet source.
drop index event_log_event;
create index event_log_received on event_log using brin (workspace_id, received_at)
  with (pages_per_range = 32, autosummarize = on);

-- Writes events whose ids are distinct; only ids not known yet reach the log. Everything a 2xx promises is this one
-- statement, so it is one message to the server and one commit. An array of one element stands for every row.
-- `fresh`: the ids that were new, null for all of them. `reused`: ids known under another body, null for none; such a
-- body is kept as a dead letter. Nothing here depends on the clock of the server.
create function append_events(
  ws integer, moment timestamptz, today date, ids uuid[], hashes bytea[], message_ids text[], event_times timestamptz[],
  bodies bytea[], sources integer[], formats text[], kinds text[], received timestamptz[], sent timestamptz[],
  lanes smallint[], derived boolean[], versioned boolean[], out fresh uuid[], out reused uuid[]
) language plpgsql as $$
declare
  wanted integer := cardinality(ids);
  source_1 integer := case when cardinality(sources) = 1 then sources[1] end;
  format_1 text := case when cardinality(formats) = 1 then formats[1] end;
  kind_1 text := case when cardinality(kinds) = 1 then kinds[1] end;
  received_1 timestamptz := case when cardinality(received) = 1 then received[1] end;
  sent_1 timestamptz := case when cardinality(sent) = 1 then sent[1] end;
  lane_1 smallint := case when cardinality(lanes) = 1 then lanes[1] end;
  derived_1 boolean := case when cardinality(derived) = 1 then derived[1] end;
  versioned_1 boolean := case when cardinality(versioned) = 1 then versioned[1] end;
begin
  if coalesce(nullif(current_setting('app.workspace', true), '')::integer, ws) <> ws then
    raise exception 'this transaction belongs to another workspace';
  end if;
  perform set_config('app.workspace', ws::text, true);

  -- In the order of the ids, so that two writers with the same ids wait for each other instead of dead-locking.
  with known as (
    insert into ingest_dedup (workspace_id, event_id, body_hash, at)
    select ws, i.event_id, i.body_hash, coalesce(i.received_at, received_1)
    from (select unnest(ids) as event_id, unnest(hashes) as body_hash, unnest(received) as received_at) as i
    order by i.event_id
    on conflict (workspace_id, event_id) do nothing
    returning event_id
  )
  select array_agg(event_id) into fresh from known;

  if cardinality(fresh) = wanted then
    fresh := null;
    insert into event_log (workspace_id, event_id, source_id, format, kind, message_id, event_time, received_at, sent_at,
                           lane, derived_id, body)
    select ws, i.event_id, coalesce(i.source_id, source_1), coalesce(i.format, format_1), coalesce(i.kind, kind_1),
           i.message_id, i.event_time, coalesce(i.received_at, received_1), coalesce(i.sent_at, sent_1),
           coalesce(i.lane, lane_1), coalesce(i.derived, derived_1), i.body
    from (select unnest(ids) as event_id, unnest(sources) as source_id, unnest(formats) as format, unnest(kinds) as kind,
                 unnest(message_ids) as message_id, unnest(event_times) as event_time, unnest(received) as received_at,
                 unnest(sent) as sent_at, unnest(lanes) as lane, unnest(derived) as derived, unnest(bodies) as body) as i;
    if source_1 is not null then
      insert into ingest_count as c (workspace_id, source_id, day, outcome, n, last_at)
      values (ws, source_1, today, 'accepted', wanted, moment)
      on conflict (workspace_id, source_id, day, outcome)
      do update set n = c.n + excluded.n, last_at = excluded.last_at;
    else
      insert into ingest_count as c (workspace_id, source_id, day, outcome, n, last_at)
      select ws, s.source_id, today, 'accepted', count(*), moment
      from unnest(sources) as s (source_id) group by s.source_id order by s.source_id
      on conflict (workspace_id, source_id, day, outcome)
      do update set n = c.n + excluded.n, last_at = excluded.last_at;
    end if;
    return;
  end if;

  fresh := coalesce(fresh, '{}');
  if fresh <> '{}' then
    insert into event_log (workspace_id, event_id, source_id, format, kind, message_id, event_time, received_at, sent_at,
                           lane, derived_id, body)
    select ws, i.event_id, coalesce(i.source_id, source_1), coalesce(i.format, format_1), coalesce(i.kind, kind_1),
           i.message_id, i.event_time, coalesce(i.received_at, received_1), coalesce(i.sent_at, sent_1),
           coalesce(i.lane, lane_1), coalesce(i.derived, derived_1), i.body
    from (select generate_series(1, wanted) as ord, unnest(ids) as event_id, unnest(sources) as source_id,
                 unnest(formats) as format, unnest(kinds) as kind, unnest(message_ids) as message_id,
                 unnest(event_times) as event_time, unnest(received) as received_at, unnest(sent) as sent_at,
                 unnest(lanes) as lane, unnest(derived) as derived, unnest(bodies) as body) as i
    join unnest(fresh) as f (event_id) on f.event_id = i.event_id
    order by i.ord;
  end if;

  select array_agg(i.event_id) into reused
  from (select unnest(ids) as event_id, unnest(hashes) as body_hash, unnest(versioned) as versioned) as i
  join ingest_dedup d on d.workspace_id = ws and d.event_id = i.event_id
  where d.body_hash <> i.body_hash and not coalesce(i.versioned, versioned_1);

  if reused is not null then
    insert into dead_letter as l (workspace_id, source_id, event_id, stage, reason, detail, body, at, attempts)
    select ws, coalesce(i.source_id, source_1), i.event_id, 'ingest', 'id_reuse',
           'The id ' || i.message_id || ' is already in the log with another body; the first one stays.',
           i.body, coalesce(i.received_at, received_1), 1
    from (select unnest(ids) as event_id, unnest(sources) as source_id, unnest(message_ids) as message_id,
                 unnest(received) as received_at, unnest(bodies) as body) as i
    join unnest(reused) as r (event_id) on r.event_id = i.event_id
    order by i.event_id
    on conflict (workspace_id, event_id, stage, reason, sha256(body)) where event_id is not null
    do update set attempts = l.attempts + excluded.attempts, state = 'open';
  end if;

  if reused is null and source_1 is not null then
    insert into ingest_count as c (workspace_id, source_id, day, outcome, n, last_at)
    select ws, source_1, today, o.outcome, o.n, moment
    from (values ('accepted', cardinality(fresh)), ('duplicate', wanted - cardinality(fresh))) as o (outcome, n)
    where o.n > 0
    on conflict (workspace_id, source_id, day, outcome)
    do update set n = c.n + excluded.n, last_at = excluded.last_at;
    return;
  end if;

  insert into ingest_count as c (workspace_id, source_id, day, outcome, n, last_at)
  select ws, o.source_id, today, o.outcome, count(*), moment
  from (select coalesce(i.source_id, source_1) as source_id,
               case when f.event_id is not null then 'accepted' when r.event_id is not null then 'mismatch'
                    else 'duplicate' end as outcome
        from (select unnest(ids) as event_id, unnest(sources) as source_id) as i
        left join unnest(fresh) as f (event_id) on f.event_id = i.event_id
        left join unnest(reused) as r (event_id) on r.event_id = i.event_id) as o
  group by o.source_id, o.outcome order by o.source_id, o.outcome
  on conflict (workspace_id, source_id, day, outcome)
  do update set n = c.n + excluded.n, last_at = excluded.last_at;
end $$;

-- uploads: a file that comes in pieces, each committed before it is acknowledged, so that it goes on after any crash
create table upload (
  workspace_id integer not null,
  id uuid not null,
  source_id integer not null,
  file_name text not null,
  size bigint not null,
  sha256 bytea not null,
  mapping jsonb not null,
  mapping_digest bytea not null,
  received bigint not null default 0,
  state text not null default 'receiving' check (state in ('receiving', 'waiting', 'importing', 'done', 'failed')),
  failure text not null default '',
  rows_done bigint not null default 0,
  rows_accepted bigint not null default 0,
  rows_duplicate bigint not null default 0,
  rows_dead bigint not null default 0,
  claimed_until timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (workspace_id, id),
  unique (workspace_id, source_id, sha256, mapping_digest)
);
create index upload_open on upload (workspace_id, state) where state <> 'done';

create table upload_piece (
  workspace_id integer not null,
  upload_id uuid not null,
  starts_at bigint not null,
  sha256 bytea not null,
  body bytea not null,
  primary key (workspace_id, upload_id, starts_at)
);
alter table upload_piece alter column body set storage external; -- files are compressed already, or not worth the CPU
