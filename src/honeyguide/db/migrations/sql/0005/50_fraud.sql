-- placeholder of 50_fraud
select 1;
