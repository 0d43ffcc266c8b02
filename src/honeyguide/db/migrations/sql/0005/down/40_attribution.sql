drop table imported_row;
drop table link_domain;
drop table link_alias;
drop table tracked_call;
drop table tracked_customer;
drop table customer_decision;
drop table credit_decision;
drop table credit_dispute;
drop table attribution_policy;
drop index conversion_list;
drop index attribution_referral;
drop index attribution_advocate;
-- The key before knew one advocate of a referral: of several the largest share stays.
delete from attribution a using attribution b where a.workspace_id = b.workspace_id and a.conversion_id = b.conversion_id
  and a.referral_id = b.referral_id and (a.share_bp, a.advocate_id) < (b.share_bp, b.advocate_id);
alter table attribution drop constraint attribution_pkey;
alter table attribution add primary key (workspace_id, conversion_id, referral_id);
alter table attribution drop column policy_version;
delete from deal_fact where kind not in ('open', 'won', 'lost');
alter table deal_fact drop constraint deal_fact_kind_check;
alter table deal_fact add constraint deal_fact_kind_check check (kind in ('open', 'won', 'lost'));
drop index touch_domain;
drop index touch_mailbox;
alter table touch drop column utm;
alter table touch drop column domain;
alter table touch drop column mailbox;
update touch set kind = 'code' where kind not in ('click', 'landing', 'code');
alter table touch drop constraint touch_kind_check;
alter table touch add constraint touch_kind_check check (kind in ('click', 'landing', 'code'));
