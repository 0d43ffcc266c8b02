"""Connectors: fetching from other people's systems, by definitions that are data.

Contract: a page of records, the stream's place and the counters commit in one transaction, so a crash loses and doubles
nothing; a second sync brings nothing new; a vendor's failure is a sentence with advice, never a loss. Nothing inside a
private network is called and no file outside the allowed folders is read unless whoever runs the machine has said so.

`sync` serves due connections; `probe` tests and previews; `oauth` authorises; `registry` lists the transports (`port` is
what one promises); `recorded` proves a definition without a network. docs/reference/connectors.md is the language.
"""
