-- placeholder of 20_rails
select 1;
