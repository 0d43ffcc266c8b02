drop index moment_when;
drop index signal_account;
drop table moment_rate;
drop table moment_half_life;
drop table moment_label;
drop table moment_due;
drop table moment_day;
