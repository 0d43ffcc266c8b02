"""Operators: the people of the company that runs the program, as commands see them."""

from honeyguide.core import clock
from honeyguide.core.errors import BadInput, NotFound
from honeyguide.db import Tx, audit
from honeyguide.web import tables
from honeyguide.web.tables import Operator

ROLES = ("owner", "marketer", "finance", "analyst")


async def ensure_operator(tx: Tx, email: str, name: str, role: str) -> Operator:
    """The operator with this address, made when absent. Raises BadInput on an address or role that is none."""
    if role not in ROLES:
        raise BadInput(f"There is no role {role!r}.", f"The roles are: {', '.join(ROLES)}.")
    if "@" not in email.strip()[1:]:
        raise BadInput(f"{email!r} is not an e-mail address.", "Operators sign in by a link sent there.")
    known = await tables.operator_by_email(tx, email)
    if known:
        return known
    made = await tables.ensure_operator(tx, email, name, role, clock.now())
    await audit.write(tx, "command line", "operator.added", f"operator:{made.id}", {"role": role})
    return made


async def operators(tx: Tx) -> list[Operator]:
    """Every operator of the workspace, in the order they came."""
    return await tables.operators(tx)


async def operator_by_email(tx: Tx, email: str) -> Operator:
    """One operator. Raises NotFound."""
    found = await tables.operator_by_email(tx, email)
    if found is None:
        raise NotFound(f"There is no operator {email!r} in this workspace.", advice="Add one: honeyguide operator add.")
    return found
