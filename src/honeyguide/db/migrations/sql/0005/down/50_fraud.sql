drop table fraud_policy;
drop table fraud_weights;
drop table fraud_label;
drop table fraud_case;
drop table fraud_mark;
drop table fraud_key;
