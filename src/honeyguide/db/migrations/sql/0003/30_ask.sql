-- ask: names are looked up by their beginning. A column of its own, since under row-level security an index serves only
-- conditions that are leakproof, which lower(name) is not; in byte order, so that any server's locale can use it.

alter table node add column name_key text collate "C" generated always as (lower(name)) stored;
create index node_name on node (workspace_id, kind, name_key);

-- Read-only views for SQL of others, in a schema of their own. Their owner, honeyguide_graph, cannot log in, owns nothing
-- else and is bound by row-level security: of every table it sees the workspace in the name of the role that logged in
-- (session_user; db/logins.py makes those roles), which no statement can change. A setting would be no barrier.
create function make_graph_views() returns void language plpgsql as $body$
declare
  t text;
  part record;
  edges text := '';
  names text := '';
  kinds text;
  own text := '''other''';
begin
  if not exists (select 1 from pg_roles where rolname = 'honeyguide_graph') then
    begin
      create role honeyguide_graph nologin;
    exception when duplicate_object or unique_violation then null;  -- another database of the server was faster
    end;
  end if;
  if not pg_has_role(current_user, 'honeyguide_graph', 'set') then
    -- Not inherited: the policies of that role would then bind the owner of the tables, too.
    execute format('grant honeyguide_graph to %I with set true, inherit false', current_user);
  end if;
  drop schema if exists expert cascade;
  create schema expert;
  grant usage, create on schema expert to honeyguide_graph;

  create function expert.login_workspace() returns integer language sql stable parallel safe
    set search_path = pg_catalog as
    $f$ select substring(session_user::text from '^honeyguide_graph_d' || d.oid || '_w([0-9]+)$')::integer
        from pg_database d where d.datname = current_database() $f$;

  for t in select c.relname from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
           and (c.relname in ('node', 'record', 'assertion', 'edge_history', 'influence', 'vocabulary_extension')
                or c.oid in (select inhrelid from pg_inherits where inhparent = 'edge'::regclass)) loop
    execute format('grant select on %I to honeyguide_graph', t);
    execute format('drop policy if exists graph_login on %I', t);
    execute format('drop policy if exists graph_login_only on %I', t);
    execute format('create policy graph_login on %I for select to honeyguide_graph '
                   'using (workspace_id = (select expert.login_workspace()))', t);
    -- Policies are alternatives unless one is restrictive: own_workspace, which reads a setting, must not be enough.
    execute format('create policy graph_login_only on %I as restrictive for select to honeyguide_graph '
                   'using (workspace_id = (select expert.login_workspace()))', t);
  end loop;

  -- One branch per kind, each with its name as a constant: a condition on the name leaves the other partitions alone.
  for part in
    select c.relname as name, substring(c.relname from 6) as kind,
           substring(pg_get_expr(c.relpartbound, c.oid) from $r$'?(\d+)'?$r$)::int as code
    from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'edge'::regclass and c.relname <> 'edge_other' order by 3 loop
    edges := edges || format(
      'select %L::text as kind, src, dst, confidence, valid_from, valid_to, last_seen_at, support, inferrer, props, recorded_at '
      'from public.%I where workspace_id = (select expert.login_workspace()) union all ', part.kind, part.name);
    names := names || format(' when %s then %L', part.code, part.kind);
  end loop;
  if to_regclass('public.vocabulary_extension') is not null then
    own := 'coalesce((select x.name from public.vocabulary_extension x where x.workspace_id = %1$s.workspace_id '
           'and x.side = ''%2$s'' and x.code = %1$s.kind), ''other'')';
  end if;
  names := 'case %1$s.kind' || names || ' else ' || own || ' end';
  execute 'create view expert.graph_edge as ' || edges || 'select ' || format(names, 'e', 'edge') || ', src, dst, confidence, '
          'valid_from, valid_to, last_seen_at, support, inferrer, props, recorded_at from public.edge_other e '
          'where workspace_id = (select expert.login_workspace())';
  kinds := 'case n.kind when 1 then ''persona'' when 2 then ''company'' when 3 then ''product'' when 4 then ''feature'' '
           'when 5 then ''ticket'' when 6 then ''deal'' when 7 then ''subscription'' when 8 then ''invoice'' '
           'when 9 then ''campaign'' when 10 then ''referral'' when 11 then ''document'' when 12 then ''role'' '
           'else ' || format(own, 'n', 'node') || ' end';
  execute 'create view expert.graph_node as select n.id, ' || kinds || ' as kind, n.key, n.name, n.props, n.first_seen_at, '
          'n.updated_at from public.node n where n.workspace_id = (select expert.login_workspace())';
  -- Assertions name records; the graph's edges name the entities these belong to now.
  execute 'create view expert.graph_evidence as select ' || format(names, 'a', 'edge') || ' as kind, '
          'coalesce(s.entity_id, a.src) as src, coalesce(d.entity_id, a.dst) as dst, a.src as src_record, a.dst as dst_record, '
          'a.supports, a.ends, a.confidence, a.valid_from, a.valid_to, a.last_seen_at, a.seen, a.inferrer, a.inferrer_version, '
          'a.source, a.source_ref, a.quote, a.detail, a.recorded_at, a.retracted_at from public.assertion a '
          'left join public.record s on s.workspace_id = a.workspace_id and s.id = a.src '
          'left join public.record d on d.workspace_id = a.workspace_id and d.id = a.dst '
          'where a.workspace_id = (select expert.login_workspace())';
  execute 'create view expert.graph_history as select ' || format(names, 'h', 'edge') || ' as kind, h.src, h.dst, h.confidence, '
          'h.valid_from, h.valid_to, h.inferrer, h.recorded_at, h.retired_at from public.edge_history h '
          'where h.workspace_id = (select expert.login_workspace())';
  if to_regclass('public.influence') is not null then
    execute 'create view expert.graph_influence as select i.persona, i.score, i.components, i.at from public.influence i '
            'where i.workspace_id = (select expert.login_workspace())';
  end if;
  for t in select c.relname from pg_class c where c.relnamespace = 'expert'::regnamespace and c.relkind = 'v' loop
    execute format('alter view expert.%I owner to honeyguide_graph', t);
  end loop;
  revoke create on schema expert from honeyguide_graph;
end $body$;
revoke execute on function make_graph_views() from public;

-- A server may keep us from making roles: then expert SQL is off there, and says so, until that changes.
do $$ begin
  perform make_graph_views();
exception when insufficient_privilege then
  raise notice 'expert SQL is off: %', sqlerrm;
end $$;
