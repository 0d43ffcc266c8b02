"""What answers the graph's questions whom to ask, why, with what and when: tables made of the three doors."""

from honeyguide.core import clock
from honeyguide.db import Tx
from honeyguide.decisions import readiness_tables, telling
from honeyguide.decisions.person import Person, moment_for, offer_for, why_for
from honeyguide.decisions.who import who
from honeyguide.graph.ask_answers import Answer, Args, Line, Run, table
from honeyguide.graph.ask_names import Ref


async def _ask_now(tx: Tx, a: Args, limit: int) -> Answer:
    company = a.get("company")
    now = clock.now()
    only = None
    if company is not None:
        only = await readiness_tables.staff(tx, company.id, now)
    found = await who(tx, now, limit + 1, personas=only)
    lines: list[Line] = []
    for row in found:
        person, firm = row["persona"], row["company"]
        subject = (
            Ref(int(person["id"]), "persona", person["name"] or person["email"], person["title"] or "")
            if person
            else Ref(int(firm["id"]), "company", firm["name"])
        )
        lines.append((
            [
                subject, Ref(int(firm["id"]), "company", firm["name"]) if firm else None,
                " ".join(s["sentence"] for s in row["why"][:3]), row["what"]["offer"], row["what"]["because"],
                row["when"]["at"] or "not yet", row["when"]["because"],
                row["readiness"]["score"] if row["readiness"] else None,
            ],
            [],
        ))  # fmt: skip
    return table(["who", "company", "why", "offer", "because", "when", "timing", "readiness"], lines, limit)


async def _best_offer(tx: Tx, a: Args, limit: int) -> Answer:
    found = await offer_for(tx, a["persona"].id)
    who_ = _ref(found.person)
    lines: list[Line] = [
        ([who_, o.offer, _over(o.channel), o.tone, o.value, o.probability, found.because if n == 0 else ""], [])
        for n, o in enumerate(found.options)
    ]
    if not lines:
        stands = f" In the way now: {' '.join(found.blocked)}" if found.blocked else ""
        lines = [([who_, found.offer or "nothing", _over(found.channel), "", "", None, found.because + stands], [])]
    return table(["who", "offer", "how", "tone", "worth an ask", "drawn with", "because"], lines, limit)


async def _best_moment(tx: Tx, a: Args, limit: int) -> Answer:
    found = await moment_for(tx, a["persona"].id)
    when = "now" if found.at == "now" else f"not before {found.at[:10]}" if found.at else "not now"
    line: Line = ([_ref(found.person), when, found.because, found.until[:10] if found.until else None], [])
    return table(["who", "when", "because", "until"], [line], limit)


async def _why_ask(tx: Tx, a: Args, limit: int) -> Answer:
    found = await why_for(tx, a["persona"].id)
    lines: list[Line] = []
    for says, reasons in (("for", found.reasons_for), ("against", found.reasons_against)):
        for r in reasons:
            shown = telling.shown(r.evidence[0]) if r.evidence else {"record": "", "quote": ""}
            lines.append(([says, r.sentence, shown["record"], shown["quote"]], []))
    score = f"{found.readiness.score:.0f} of 100" if found.readiness else "not a customer's person"
    lines.insert(0, (["readiness", f"{found.person.name}: {score}", "", ""], []))
    return table(["speaks", "reason", "record", "quote"], lines, limit)


def _ref(person: Person) -> Ref:
    return Ref(person.id, "persona", person.name, person.title)


def _over(channel: str) -> str:
    return {"email": "by e-mail", "inapp": "in the product"}.get(channel, channel)


ANSWERS: dict[str, Run] = {
    "ask_now": _ask_now, "best_offer": _best_offer, "best_moment": _best_moment, "why_ask": _why_ask,
}  # fmt: skip
