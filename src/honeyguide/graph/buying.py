"""Who decides what a company buys: its people, each with a buying role and the edges that say so."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Literal

from msgspec import Struct

from honeyguide import identity
from honeyguide.core import clock
from honeyguide.db import Row, Tx
from honeyguide.graph.beliefs import decayed
from honeyguide.graph.ground import Ground, grounds
from honeyguide.graph.kinds import EDGE_NAME, NODE
from honeyguide.graph.shapes import branches, columns, stands

BuyingRole = Literal["blocker", "champion", "economic buyer", "technical evaluator", "user", ""]
Stance = Literal["for", "against", "mixed", "unknown"]


class Reason(Struct, frozen=True):
    """One edge that says why somebody has their part, with its surest statement. `name` is the other end's."""

    kind: str
    src: int
    dst: int
    name: str
    confidence: float
    ground: Ground | None


class Member(Struct, frozen=True):
    """One person of a buying group. `role` as titles are read (`VP, engineering`), `influence` None: nobody measured it."""

    persona: int
    name: str
    title: str
    role: str
    level: int
    department: str
    buying_role: BuyingRole
    stance: Stance
    uses: list[str]
    influence: float | None
    why: list[Reason]


class BuyingGroup(Struct, frozen=True):
    """The people of a company with a part in buying first. `truncated`: the company has more people than were looked at."""

    company: int
    members: list[Member]
    truncated: bool


EMPLOYED = f"""
with w as materialized (
  select e.src, {columns("e")} from edge_works_at e
  where e.workspace_id = $1 and e.dst = $2 and {stands("e", "$3")} order by e.src limit $4)
select w.*, n.name, n.title from w cross join lateral (select name, coalesce(props->>'title', '') as title from node
  where workspace_id = $1 and id = w.src offset 0) n
"""
_TELLING = (
    "holds_role", "champion_of", "blocks", "evaluated", "interested_in", "uses", "power_user_of", "praised", "complained_of",
)  # fmt: skip
_TOLD = branches("k.id", [(kind, "out") for kind in _TELLING], "$3", "$4")
TELLING = f"""
with s as materialized (select s.* from unnest($2::bigint[]) as k(id) cross join lateral ({_TOLD} offset 0) s)
select s.*, n.kind as node_kind, n.key, n.name from s left join lateral (select kind, key, name from node
  where workspace_id = $1 and id = s.there offset 0) n on true
"""
_LEVEL = {"executive": 5, "vp": 4, "director": 3, "manager": 2, "individual": 1}
_ECONOMIC = 4  # vice presidents and above sign for money; in a company without any, its directors
_TECHNICAL = frozenset({"engineering", "it", "security", "data", "product"})
_PER_KIND = 20  # edges of one kind of one person: enough to tell, not all the features they use
_FOR, _AGAINST = ("champion_of", "praised"), ("blocks", "complained_of")


async def buying_group(
    tx: Tx, company: int, *, influence: Mapping[int, float] | None = None, at: datetime | None = None, limit: int = 200
) -> BuyingGroup:
    """The people of a company and the part each has in buying, those with the most say first.

    Who blocks is a blocker, who speaks for it a champion; else level makes the economic buyer, department or an evaluation
    the technical evaluator, use the user. `influence`: scores of personas (0 to 1), where somebody measured them.
    """
    firm = (await identity.resolve(tx, (company,)))[company]
    when = at or clock.now()
    people = await tx.rows(EMPLOYED, tx.workspace_id, firm, when, limit + 1)
    kept = sorted(people, key=lambda r: int(r["src"]))[:limit]
    said = await tx.rows(TELLING, tx.workspace_id, [r["src"] for r in kept], when, _PER_KIND)
    by_person: dict[int, list[Row]] = defaultdict(list)
    for r in said:
        by_person[r["here"]].append(r)
    drafts = [_Draft(r, by_person[r["src"]], when) for r in kept]
    signs = _ECONOMIC if any(d.level >= _ECONOMIC for d in drafts) else _ECONOMIC - 1
    parts = [(d, *d.part(signs)) for d in drafts]
    told = await grounds(tx, {(r["kind"], r["here"], r["there"]) for _, _, why in parts for r in why})
    members = [d.member(part, why, influence, told, when) for d, part, why in parts]
    return BuyingGroup(firm, sorted(members, key=_rank), len(people) > limit)


def _rank(m: Member) -> tuple[int, float, int, int]:
    order = ("champion", "economic buyer", "blocker", "technical evaluator", "user", "")
    return (order.index(m.buying_role), -(m.influence or 0.0), -m.level, m.persona)


class _Draft:
    """One person with the edges that tell about them."""

    def __init__(self, person: Row, edges: Iterable[Row], when: datetime) -> None:
        self.person = person
        self.edges: dict[str, list[Row]] = defaultdict(list)
        for r in sorted(edges, key=lambda one: (-_left(one, when), one["there"])):
            self.edges[EDGE_NAME[r["kind"]]].append(r)
        roles = [(_role_of(r["key"] or ""), r) for r in self.edges["holds_role"]]
        known = [(role, r) for role, r in roles if role[0]]
        # The latest title says what somebody is now.
        self.held = max(known, key=lambda one: (one[1]["valid_from"], one[0][0], one[1]["there"]), default=None)
        self.level, self.department = self.held[0] if self.held else (0, "")

    def part(self, signs: int) -> tuple[BuyingRole, list[Row]]:
        """The part somebody has and the edges that give it to them."""
        held = [self.held[1]] if self.held else []
        if self.edges["blocks"] or self.edges["champion_of"]:
            against, favour = self.edges["blocks"], self.edges["champion_of"]
            return ("blocker", against) if len(against) > len(favour) or not favour else ("champion", favour)
        if self.level >= signs:
            return "economic buyer", held
        looked = self.edges["evaluated"]
        if self.department in _TECHNICAL or looked:
            return "technical evaluator", [*(held if self.department in _TECHNICAL else ()), *looked]
        used = [*self.edges["power_user_of"], *self.edges["uses"]]
        return ("user", used) if used else ("", [])

    def stance(self) -> Stance:
        """For, against, or both, by what they stand for and what they say."""
        favour, against = (any(self.edges[k] for k in kinds) for kinds in (_FOR, _AGAINST))
        if self.edges["blocks"] and not self.edges["champion_of"]:
            return "against"
        if self.edges["champion_of"] and not self.edges["blocks"]:
            return "for"
        return "mixed" if favour and against else "for" if favour else "against" if against else "unknown"

    def member(
        self, part: BuyingRole, why: Sequence[Row], influence: Mapping[int, float] | None,
        told: Mapping[tuple[int, int, int], Ground], when: datetime,
    ) -> Member:  # fmt: skip
        """The person as readers see them."""
        ident, used = self.person["src"], self.edges["uses"]
        reasons = [
            Reason(
                EDGE_NAME[r["kind"]], r["here"], r["there"], r["name"] or "", _left(r, when),
                told.get((r["kind"], r["here"], r["there"])),
            )
            for r in why
        ]  # fmt: skip
        return Member(
            persona=ident, name=self.person["name"], title=self.person["title"],
            role=(self.held[1]["name"] or "") if self.held else "", level=self.level, department=self.department,
            buying_role=part, stance=self.stance(),
            uses=[r["name"] or "" for r in used if r["node_kind"] == NODE["product"]],
            influence=None if influence is None else influence.get(ident), why=reasons,
        )  # fmt: skip


def _left(r: Row, when: datetime) -> float:
    return round(decayed(r["confidence"], r["kind"], r["last_seen_at"], when), 4)


def _role_of(key: str) -> tuple[int, str]:
    """(level, department) of a role's key such as `vp/engineering`; (0, "") for another kind of role."""
    seniority, slash, department = key.partition("/")
    if not slash or seniority not in _LEVEL:
        return 0, ""
    return _LEVEL[seniority], "" if department == "any" else department
