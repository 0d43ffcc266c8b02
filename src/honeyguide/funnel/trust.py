"""Whose word may move money: what tells of deals, payments, refunds and disputes must hold a secret.

A write key for pages is public: anybody can read it there and tell of a deal that never was. So what came through a door
that browsers use counts only where staff said that the source's key lives on servers. What else counts: what Honeyguide
wrote itself, a file staff uploaded, a webhook its sender signed, and what a connection fetched with its credentials.
"""

from honeyguide.funnel.sources import SERVER_ONLY, Source

# Formats of the doors that answer browsers (CORS); a signed webhook in one of them cannot be told from a page's call.
_OPEN_FORMATS = frozenset({"segment", "posthog", "cloudevents"})
# Systems whose library runs in a page and shares the key with every other door of the source.
_PAGE_KINDS = frozenset({"segment", "posthog"})


def moves_money(source: Source, form: str) -> bool:
    """May what this source told in this format of the log create, change or take back money?"""
    if source.kind == "internal" or source.settings.get(SERVER_ONLY) is True:
        return True
    if form in _OPEN_FORMATS or source.kind in _PAGE_KINDS:
        return False
    # `config`: a connection, which fetches with credentials and whose webhook address only its vendor knows.
    return form == "import" or source.secret is not None or "config" in source.settings


def money_words(source: Source) -> str:
    """What a source's word about money is worth, for people."""
    if all(moves_money(source, form) for form in ("segment", "webhook", "import")):
        return "believed"
    if moves_money(source, "webhook"):
        return "believed by signed webhook or sync; not at the doors that browsers use"
    if source.kind == "import":
        return "believed from uploaded files only"
    return "not believed: its key may stand in a page, and no webhook of it is signed (`honeyguide source trust`)"
