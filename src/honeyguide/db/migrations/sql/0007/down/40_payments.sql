drop table sale_name;
-- What was credited stays explained: to the version before, a payment that earned is a sale.
update deal_fact f set kind = 'won', stage = '' where f.kind = 'paid' and exists
  (select 1 from conversion c where c.workspace_id = f.workspace_id and c.event_id = f.event_id);
delete from deal_fact_record r using deal_fact f where f.workspace_id = r.workspace_id and f.event_id = r.event_id and f.kind = 'paid';
delete from deal_fact where kind = 'paid';
alter table deal_fact drop constraint deal_fact_kind_check;
alter table deal_fact add constraint deal_fact_kind_check
  check (kind in ('open', 'won', 'lost', 'refunded', 'disputed', 'dispute_won', 'dispute_lost'));
