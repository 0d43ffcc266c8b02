-- placeholder of 30_programs
select 1;
