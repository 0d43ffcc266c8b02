"""Who may do what, as a table. Anything that is not in it is denied."""

READ = frozenset(
    {
        "console.open",
        "queue.read",
        "people.read",
        "graph.read",
        "outbox.read",
        "referrals.read",
        "money.read",
        "ledger.read",
        "explain.read",
        "measures.read",
        "programs.read",
        "sources.read",
        "audit.read",
    }
)
WRITE = frozenset(
    {
        "asks.decide",
        "autonomy.decide",
        "demo.control",
        "sources.write",
        "people.write",
        "playbooks.write",
        "programs.write",
        "credit.dispute",
        "sales.track",
    }
)
# SQL over the graph's views; kinds of the workspace's own; which texts may leave for a hosted model.
EXPERT = frozenset({"graph.sql", "graph.write", "inference.consent"})
ERASE = frozenset({"people.erase"})  # cannot be undone: an owner in a browser, no key
RAILS = frozenset({"rails.write"})  # where money goes out and by which secrets: an owner in a browser, no key
# A second person puts rules that change money in force: a person, so no key.
CONFIRM = frozenset({"programs.confirm"})
MONEY = frozenset({"rewards.decide", "payouts.request", "payouts.approve"})

ROLES: dict[str, frozenset[str]] = {
    "owner": READ | WRITE | MONEY | EXPERT | ERASE | RAILS | CONFIRM,
    # Decides whom to ask; sees money, moves none.
    "marketer": (READ - {"audit.read"}) | WRITE | CONFIRM,
    # Pays; sees what a payment rests on, not the queue and the people in it.
    "finance": frozenset(
        {"console.open", "referrals.read", "money.read", "ledger.read", "explain.read", "measures.read",
         "programs.read", "audit.read", "credit.dispute"}
    ) | MONEY | CONFIRM,
    # Measures; sees no person.
    "analyst": frozenset({"console.open", "measures.read", "programs.read", "sources.read"}),
}  # fmt: skip

SCOPES: dict[str, frozenset[str]] = {
    "read": READ,
    "write": WRITE,
    "payouts": MONEY | {"money.read"},
    "track": frozenset({"sales.track"}),  # a shop's own server: tells of leads and sales, sees nothing
    "sql": frozenset({"graph.read", "graph.sql"}),
}

ALL = READ | WRITE | MONEY | EXPERT | ERASE | RAILS | CONFIRM


def of_role(role: str) -> frozenset[str]:
    """What an operator of this role may do; nothing for a role that is not in the table."""
    return ROLES.get(role, frozenset())


def of_scopes(scopes: list[str]) -> frozenset[str]:
    """What an API key with these scopes may do."""
    granted: frozenset[str] = frozenset()
    for scope in scopes:
        granted |= SCOPES.get(scope, frozenset())
    return granted
