-- funnel: catalogue, tracking plans, suppressions, mapping versions, uploads, lanes
select 1;
