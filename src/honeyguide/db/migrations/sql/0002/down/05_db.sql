-- undoes ../05_db.sql

create or replace function guard_with_workspace(target regclass) returns void language plpgsql as $$
declare key text := case when target = 'workspace'::regclass then 'id' else 'workspace_id' end;
begin
  execute format('alter table %s enable row level security', target);
  execute format('alter table %s force row level security', target);
  execute format('create policy own_workspace on %s to public using (%s = (select current_setting(''app.workspace'')::int)) '
                 'with check (%s = (select current_setting(''app.workspace'')::int))', target, key, key);
  execute format('grant select, insert, update, delete on %s to honeyguide_app', target);
end $$;

do $$ declare t text; begin
  for t in select c.oid::regclass::text from pg_class c
           where c.relispartition and c.relkind = 'r' and c.relnamespace = 'public'::regnamespace loop
    execute 'grant insert, update, delete on ' || t || ' to honeyguide_app';
  end loop;
end $$;
