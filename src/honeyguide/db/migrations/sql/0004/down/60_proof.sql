drop table experiment_look, experiment, referral_cluster;
