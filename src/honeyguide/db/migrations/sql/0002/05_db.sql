-- db: a partition may be written only through its table, or what is append-only there could be changed here

create or replace function guard_with_workspace(target regclass) returns void language plpgsql as $$
declare key text := case when target = 'workspace'::regclass then 'id' else 'workspace_id' end;
begin
  execute format('alter table %s enable row level security', target);
  execute format('alter table %s force row level security', target);
  execute format('create policy own_workspace on %s to public using (%s = (select current_setting(''app.workspace'')::int)) '
                 'with check (%s = (select current_setting(''app.workspace'')::int))', target, key, key);
  if (select relispartition from pg_class where oid = target) then
    execute format('grant select on %s to honeyguide_app', target);
  else
    execute format('grant select, insert, update, delete on %s to honeyguide_app', target);
  end if;
end $$;

do $$ declare t text; begin
  for t in select c.oid::regclass::text from pg_class c
           where c.relispartition and c.relkind = 'r' and c.relnamespace = 'public'::regnamespace loop
    execute 'revoke insert, update, delete, truncate on ' || t || ' from honeyguide_app';
  end loop;
end $$;
