-- identity, the background pass: proposals, labels, models
select 1;
