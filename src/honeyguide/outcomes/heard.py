"""What came of an ask since it went out: did anybody use the link, or the advocate do something with it?"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from honeyguide.db import Tx

SIGNED_UP = "Somebody signed up over the link."
USED = "A person followed the link, or somebody was invited with it."
JOINED = "The advocate opened their page and accepted the terms."
# The account of an ask is the advocate of its person: by any of their records, or by the address it was written to.
_HEARD = (
    "select k.ask as id, bool_or(exists (select 1 from referral f where f.workspace_id = $1 and f.advocate_id = v.id "
    "and f.created_at >= k.since)) as signed_up, bool_or(exists (select 1 from link l join touch t on t.workspace_id = "
    "l.workspace_id and t.link_id = l.id where l.workspace_id = $1 and l.advocate_id = v.id and t.at >= k.since "
    "and (t.agent = 'person' or t.kind in ('email_hash', 'company', 'claim') or (t.agent = 'unknown' and not exists (select 1 "
    "from message m where m.workspace_id = $1 and m.ask_id = k.ask and m.sent_at <= t.at and t.at < m.sent_at + interval '1 hour'"
    "))))) as used, "
    "bool_or(coalesce(v.terms_accepted_at >= k.since, false)) as joined "
    "from unnest($2::uuid[], $3::timestamptz[]) as k (ask, since) "
    "join ask a on a.workspace_id = $1 and a.id = k.ask join record r on r.workspace_id = $1 and r.id = a.record_id "
    "cross join lateral (select v.id, v.terms_accepted_at from record x join advocate v on v.workspace_id = $1 "
    "and v.record_id = x.id where x.workspace_id = $1 and x.entity_id = r.entity_id "
    "union select v.id, v.terms_accepted_at from message m join advocate v on v.workspace_id = $1 and v.email = lower(m.to_address) "
    "where m.workspace_id = $1 and m.ask_id = a.id and m.to_address <> '') v group by k.ask"
)


async def heard(tx: Tx, since: Mapping[UUID, datetime]) -> dict[UUID, str]:
    """By ask, a sentence that says what came of it since the given time; asks nothing came of are left out.

    A machine that follows a link is nothing that came. Mail scanners also take the names of browsers, right when a message
    arrives: a touch nobody is known by counts from an hour after the message. So a reminder too few is sent, not one too many.
    """
    rows = await tx.rows(_HEARD, tx.workspace_id, list(since), list(since.values()))
    told = {
        r["id"]: SIGNED_UP if r["signed_up"] else USED if r["used"] else JOINED if r["joined"] else "" for r in rows
    }
    return {ask: words for ask, words in told.items() if words}
