drop schema if exists expert cascade;
do $$ begin
  if exists (select 1 from pg_roles where rolname = 'honeyguide_graph' and pg_has_role(current_user, oid, 'usage')) then
    drop owned by honeyguide_graph;  -- in this database: its grants and policies; the role may serve another one
  end if;
end $$;
drop function if exists make_graph_views();
drop index if exists node_name;
alter table node drop column if exists name_key;
