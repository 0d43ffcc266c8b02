"""Where the store is: the embedded server, or the customer's own."""

from honeyguide.db.embedded import Cluster
from honeyguide.settings import Settings


def cluster_of(settings: Settings) -> Cluster | None:
    """The embedded server, or None when DATABASE_URL names one of the customer's own."""
    return None if settings.database_url else Cluster(settings.data, settings.postgres)


def dsn_of(settings: Settings) -> str:
    """How to connect as the owner, whether or not the server runs."""
    cluster = cluster_of(settings)
    return cluster.dsn if cluster else settings.database_url
