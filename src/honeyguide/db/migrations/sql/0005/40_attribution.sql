-- placeholder of 40_attribution
select 1;
