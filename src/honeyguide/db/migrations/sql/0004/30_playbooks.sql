-- Sizes of offers, the workspace's own versions of playbooks, and the personal phrases of an ask with their evidence.
alter table offer add column size text not null default 'medium' check (size in ('small', 'medium', 'large'));

-- A size is one more choice beside the offers people were shown; those keep their terms. Programs of the library only.
insert into offer (workspace_id, group_id, slug, label, incentive, amount_minor, rate_bp, currency, cap_minor, position, size)
select o.workspace_id, o.group_id, n.slug, n.label, o.incentive, n.amount_minor, n.rate_bp, o.currency, n.cap_minor, n.position, n.size
from offer o
join program_group g on g.workspace_id = o.workspace_id and g.id = o.group_id
join program p on p.workspace_id = g.workspace_id and p.id = g.program_id and p.terms->>'library' = 'customer-referrals'
join (values
  ('commission-15', 'commission-10', '10 % of the first year', 0::bigint, 1000, 300000::bigint, 1, 'small'),
  ('commission-15', 'commission-20', '20 % of the first year', 0, 2000, 800000, 2, 'large'),
  ('renewal-credit', 'renewal-credit-small', 'Renewal credit €750', 75000, 0, null, 2, 'small'),
  ('renewal-credit', 'renewal-credit-large', 'Renewal credit €3,000', 300000, 0, null, 3, 'large'),
  ('gift-card', 'gift-card-small', 'Gift card €50', 5000, 0, null, 1, 'small'),
  ('gift-card', 'gift-card-large', 'Gift card €200', 20000, 0, null, 2, 'large')
) as n (beside, slug, label, amount_minor, rate_bp, cap_minor, position, size) on n.beside = o.slug
where o.currency = 'EUR'
on conflict do nothing;
insert into offer (workspace_id, group_id, slug, label, incentive, amount_minor, rate_bp, currency, cap_minor, position, size)
select o.workspace_id, o.group_id, n.slug, n.label, 'renewal_credit', n.amount_minor, 0, o.currency, null, n.position, n.size
from offer o
join program_group g on g.workspace_id = o.workspace_id and g.id = o.group_id
join program p on p.workspace_id = g.workspace_id and p.id = g.program_id and p.terms->>'library' = 'customer-referrals'
join (values
  ('gift-card', 'account-credit-small', 'Renewal credit €75', 7500::bigint, 3, 'small'),
  ('gift-card', 'account-credit', 'Renewal credit €150', 15000, 4, 'medium')
) as n (beside, slug, label, amount_minor, position, size) on n.beside = o.slug
where o.currency = 'EUR'
on conflict do nothing;

create table playbook_version (
  workspace_id integer not null,
  slug text not null,
  version integer not null check (version > 0),
  body jsonb not null,
  based_on integer not null,
  note text not null default '',
  created_by text not null,
  created_at timestamptz not null,
  primary key (workspace_id, slug, version)
);

create table ask_phrase (
  workspace_id integer not null,
  ask_id uuid not null,
  position integer not null,
  phrase text not null,
  fact text not null,
  evidence jsonb not null,
  confidence real not null check (confidence > 0.7 and confidence <= 1),
  primary key (workspace_id, ask_id, position)
);
