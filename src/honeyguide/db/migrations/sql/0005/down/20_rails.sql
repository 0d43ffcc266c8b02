drop table tax_profile, payout_run, payout_policy, rail_notice, disbursement, payee, payout_rail;
