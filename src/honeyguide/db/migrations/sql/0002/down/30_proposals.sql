drop table identity_seen, identity_pass, identity_model, proposal;
