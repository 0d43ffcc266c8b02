"""Enrichment: what is known elsewhere about a company, or can be read off an address, a title or a number.

Contract: nothing is asked before the workspace has said yes (`Consent`, off by default; persons have a yes of their
own); an outside provider is asked within its budget of the day and not twice for the same thing; every answer enters
the log as an event of the source `enrichment` with its confidence, source and licence. So answers are evidence like
any other, a replay needs no provider, and withdrawing a provider's events withdraws what they said.
"""

from honeyguide.enrichment.consent import Consent, ProviderSpec, consent_of, set_consent
from honeyguide.enrichment.offline import OFFLINE, Countries, MailDomains, TitleReader
from honeyguide.enrichment.port import Enricher, Finding, Known
from honeyguide.enrichment.provider import Fetch, Provider
from honeyguide.enrichment.steps import SOURCE, enrich_due

__all__ = [
    "OFFLINE", "SOURCE", "Consent", "Countries", "Enricher", "Fetch", "Finding", "Known", "MailDomains", "Provider",
    "ProviderSpec", "TitleReader", "consent_of", "enrich_due", "set_consent",
]  # fmt: skip
