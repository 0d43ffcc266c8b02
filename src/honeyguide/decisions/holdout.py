"""The permanent holdout: companies we never ask, so that what we cause can be told from what would happen anyway."""

import hashlib

TREATED, HOLDOUT = "treated", "holdout"


def salt_of(workspace_id: int) -> str:
    """The workspace's salt. It never changes: a new salt would ask the people who were held out."""
    return f"honeyguide-holdout-1:{workspace_id}"


def arm_of(salt: str, cluster: str, holdout_bp: int) -> str:
    """`holdout` for `holdout_bp` of 10,000 clusters, by a digest of salt and cluster: stable, and never stored twice."""
    number = int.from_bytes(hashlib.blake2b(f"{salt}\x1f{cluster}".encode(), digest_size=8).digest(), "big")
    return HOLDOUT if number % 10_000 < holdout_bp else TREATED
