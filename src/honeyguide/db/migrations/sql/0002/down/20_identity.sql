-- undoes ../20_identity.sql
drop table company_parent;
drop table identity_conflict;
drop table identity_settled;
drop table identity_protection;
drop table identity_decision;
alter table record drop column known;
update record r set traits = (
  select coalesce(jsonb_object_agg(n.name, (r.traits -> n.name)
    || jsonb_build_object('t', split_part(g.stamp, ' ', 1), 'e', split_part(g.stamp, ' ', 2))), '{}')
  from json_each(r.said::json) as g (stamp, names) cross join json_array_elements_text(g.names) as n (name))
where r.traits <> '{}';
alter table record drop column said;
