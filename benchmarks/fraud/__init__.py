"""Fraud: a referral world with known truth, and the judge of the product scored in it."""
