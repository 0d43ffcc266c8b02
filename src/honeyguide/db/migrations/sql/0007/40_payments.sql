-- outcomes: what a billing system says was paid, and the names a payment goes by

alter table deal_fact drop constraint deal_fact_kind_check;
alter table deal_fact add constraint deal_fact_kind_check
  check (kind in ('open', 'won', 'lost', 'paid', 'refunded', 'disputed', 'dispute_won', 'dispute_lost'));

-- An invoice has a number for people, an id for machines and the payment's own id; a refund names any of them, and a shop
-- tells of the same sale under the one it knows. Each name leads to the deal it is a name of.
create table sale_name (
  workspace_id integer not null,
  name text not null,
  deal text not null,
  primary key (workspace_id, name, deal)
);
create index sale_name_deal on sale_name (workspace_id, deal);
