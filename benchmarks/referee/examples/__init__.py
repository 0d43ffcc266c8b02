"""A foreign policy and a foreign world, each in some forty lines."""
