-- the policy: what a brain decides from, looks at open moments, budgets, and what training keeps

-- A look that waits is logged one time in twenty (`weight` 20); the others leave only their count in `moment_look`.
alter table decision add column weight real not null default 1 check (weight >= 1);
alter table decision add column deferred boolean not null default false;

-- What a policy of kind `brain` decides from, and the nightly model beside it. Kept as long as decisions are.
create table policy_snapshot (
  workspace_id integer not null,
  policy_version integer not null,
  digest text not null,
  packed bytea not null,
  challenger bytea,
  primary key (workspace_id, policy_version)
);

-- Where an open moment stands between two looks: `nothing` could be done, it `waited` (to be looked at tomorrow), or `asked`.
create table moment_look (
  workspace_id integer not null,
  moment_id uuid not null,
  looks smallint not null,
  at timestamptz not null,
  outcome text not null check (outcome in ('nothing', 'waited', 'asked')),
  primary key (workspace_id, moment_id)
);
create index moment_look_waiting on moment_look (workspace_id, at) where outcome = 'waited';

-- What may be spent a day: asks (`contacts`) or minor units of the program's currency (`money`).
create table budget_plan (
  workspace_id integer not null,
  kind text not null check (kind in ('contacts', 'money')),
  per_day double precision not null check (per_day > 0),
  set_by text not null,
  at timestamptz not null,
  primary key (workspace_id, kind)
);

-- The state training goes on from: a function of the log up to a day, so that it can be made again from the log.
create table brain_state (
  workspace_id integer not null,
  packed bytea not null,
  trained_until timestamptz not null,
  at timestamptz not null,
  primary key (workspace_id)
);

-- What each training found: counts, contradicted beliefs, prices. Holds nothing of a person.
create table training (
  workspace_id integer not null,
  id bigint generated always as identity,
  at timestamptz not null,
  policy_version integer,
  report jsonb not null,
  primary key (workspace_id, id)
);

-- Decisions are append-only; an erased person's are emptied by this and nothing else. What is counted stays: arm and
-- cluster (a number without meaning once the person's node is gone), legal actions, distribution, action, propensity, value.
create function forget_decisions(erasure bigint, records bigint[]) returns bigint
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  ours int := current_setting('app.workspace')::int;
  touched bigint;
begin
  if not exists (select 1 from suppression s where s.workspace_id = ours and s.id = erasure
                 and s.at > clock_timestamp() - interval '1 hour') then
    raise exception 'no erasure % is under way', erasure;
  end if;
  delete from moment_look l where l.workspace_id = ours and l.moment_id in
    (select d.moment_id from decision d where d.workspace_id = ours and d.record_id = any(records));
  update decision set
    context = jsonb_build_object(
      'schema', context->'schema', 'erased', true, 'look', context->'look', 'features', '{}'::jsonb,
      'group', context->'group', 'group_reason', '', 'evidence', '{}'::jsonb, 'past_asks', 0, 'persona', null,
      'company', null, 'moment', (context->'moment') || '{"title": "", "evidence": []}'::jsonb),
    blocked = '[]'::jsonb, expected = expected - 'terms', reason = 'Erased.'
  where workspace_id = ours and record_id = any(records) and not (context ? 'erased');
  get diagnostics touched = row_count;
  return touched;
end $$;
revoke execute on function forget_decisions(bigint, bigint[]) from public;
grant execute on function forget_decisions(bigint, bigint[]) to honeyguide_app;
