"""connectors: fetching from other people's systems, by definitions that are data."""
