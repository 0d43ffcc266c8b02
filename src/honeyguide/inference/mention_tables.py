"""SQL of names: who a text may mean, which names wait for somebody to be known by them, which texts to judge again."""

from collections.abc import Collection, Iterable, Mapping

from honeyguide.db import Tx
from honeyguide.graph import GraphChanges
from honeyguide.graph.kinds import EDGE, NODE
from honeyguide.identity import IdentityChanges, resolve
from honeyguide.inference.gazetteer import Candidates, meant, phrases, words_of
from honeyguide.inference.texts import READ, Text

_NAMING = frozenset({"note", "mail"})  # texts that speak of people by name
_MOST_PRODUCTS, _MOST_PEOPLE = 500, 5_000


async def candidates_of(tx: Tx, texts: Iterable[Text]) -> dict[int, Candidates]:
    """Per text (by subject) who and what it may mean: its own people, those who work at its company, the products."""
    wanted = list(texts)
    if not wanted:
        return {}
    products = await _products(tx)
    naming = [t for t in wanted if t.item.kind in _NAMING]
    staff = await _staff(tx, {t.fact.company for t in naming if t.fact.company is not None})
    own = {i for t in naming for i in (t.about, *t.others) if i is not None}
    entity = await resolve(tx, own)
    names = await _names(tx, set(entity.values()))
    found: dict[int, Candidates] = {}
    for text in wanted:
        people: dict[int, str] = {}
        if text.item.kind in _NAMING:
            people = dict(staff.get(text.fact.company or 0, {}))
            people |= {entity[o]: names[entity[o]] for o in text.others if entity[o] in names}
            if text.about is not None:  # the person it is kept with goes by their record, as everywhere in evidence
                name = names.get(entity[text.about]) or people.get(entity[text.about], "")
                people.pop(entity[text.about], None)
                people |= {text.about: name} if name else {}
        found[text.subject] = Candidates(people, products, text.about)
    return found


async def _products(tx: Tx) -> dict[int, str]:
    rows = await tx.rows(
        "select id, coalesce(nullif(name, ''), key) as name from node where workspace_id = $1 and kind = $2 order by id limit $3",
        tx.workspace_id, NODE["product"], _MOST_PRODUCTS,
    )  # fmt: skip
    return {r["id"]: r["name"] for r in rows}


async def _staff(tx: Tx, companies: Collection[int]) -> dict[int, dict[int, str]]:
    """Company record -> everybody ever known to work there, by entity."""
    if not companies:
        return {}
    rows = await tx.rows(
        """
        select c.id as company, n.id, n.name from record c
        join edge_works_at e on e.workspace_id = c.workspace_id and e.kind = $3 and e.dst = c.entity_id
        join node n on n.workspace_id = e.workspace_id and n.id = e.src
        where c.workspace_id = $1 and c.id = any($2::bigint[]) and n.name <> '' order by c.id, n.id limit $4
        """,
        tx.workspace_id, sorted(companies), EDGE["works_at"], _MOST_PEOPLE * len(companies),
    )  # fmt: skip
    found: dict[int, dict[int, str]] = {}
    for r in rows:
        found.setdefault(r["company"], {})[r["id"]] = r["name"]
    return found


async def _names(tx: Tx, entities: Collection[int]) -> dict[int, str]:
    rows = await tx.rows(
        "select id, name from node where workspace_id = $1 and id = any($2::bigint[]) and name <> '' order by id",
        tx.workspace_id, sorted(entities),
    )  # fmt: skip
    return {r["id"]: r["name"] for r in rows}


async def keep(tx: Tx, texts: Iterable[Text], candidates: Mapping[int, Candidates]) -> None:
    """Write down what these texts name, and whom that may mean. Names nobody is known by stay here."""
    naming = [t for t in texts if t.item.kind in _NAMING]
    if not naming:
        return
    rows: set[tuple[int, str, str, int]] = set()
    for text in naming:
        places = meant(text.item.text, candidates[text.subject])
        for phrase in phrases(text.item.text):
            nodes = {n for span, who in places if span.start < phrase.end and phrase.start < span.end for n in who}
            words = words_of(phrase.words)
            rows |= {(text.subject, w, phrase.words[:200], n) for w in words for n in nodes or {0}}
    ordered = sorted(rows)
    await tx.run(
        "delete from mention where workspace_id = $1 and subject = any($2::bigint[])",
        tx.workspace_id, sorted({t.subject for t in naming}),
    )  # fmt: skip
    await tx.run(
        """
        insert into mention (workspace_id, subject, name, phrase, node_id)
        select $1, t.subject, t.name, t.phrase, t.node_id
        from unnest($2::bigint[], $3::text[], $4::text[], $5::bigint[]) as t (subject, name, phrase, node_id)
        on conflict do nothing
        """,
        tx.workspace_id, [r[0] for r in ordered], [r[1] for r in ordered], [r[2] for r in ordered],
        [r[3] for r in ordered],
    )  # fmt: skip


async def named_again(tx: Tx, identity: IdentityChanges, changes: GraphChanges | None) -> set[int]:
    """The subjects whose texts name somebody or something that is new, joined, renamed, or now works there."""
    people = identity.touched | set(identity.moved.values()) | set(identity.previous.values())
    people |= {src for kind, src, _ in changes.edges if kind == EDGE["works_at"]} if changes else set()
    found = await _naming(tx, people) if people else set()
    joined = set(identity.moved.values()) | set(identity.previous.values())
    found |= await _of_companies(tx, joined) if joined else set()
    products = changes.products if changes else set()
    return found | (await _speaking_of(tx, products) if products else set())


async def _naming(tx: Tx, people: Collection[int]) -> set[int]:
    if not await tx.value("select exists (select 1 from mention where workspace_id = $1)", tx.workspace_id):
        return set()
    records = await tx.rows(
        "select id, coalesce(traits #>> '{name,v}', traits ->> 'name') as name from record where workspace_id = $1 "
        "and entity_id = any($2::bigint[]) and kind = 'persona'",
        tx.workspace_id, sorted(people),
    )  # fmt: skip
    words = {w for r in records for w in words_of(r["name"] or "")}
    known = set(people) | {r["id"] for r in records}
    rows = await tx.rows(
        "select subject from mention where workspace_id = $1 and name = any($2::text[]) "
        "union select subject from mention where workspace_id = $1 and node_id = any($3::bigint[]) and node_id <> 0",
        tx.workspace_id, sorted(words), sorted(known),
    )  # fmt: skip
    return {r["subject"] for r in rows}


async def _of_companies(tx: Tx, entities: Collection[int]) -> set[int]:
    """Texts that name people and are kept with a company that was joined with another or parted from it: its staff is
    another now.
    """
    rows = await tx.rows(
        """
        select distinct t.subject from record r join reading t on t.workspace_id = r.workspace_id
          and t.company_record_id = r.id and t.kind in ('note', 'mail')
        where r.workspace_id = $1 and r.entity_id = any($2::bigint[]) and r.kind = 'company'
        """,
        tx.workspace_id, sorted(entities),
    )  # fmt: skip
    return {r["subject"] for r in rows}


async def _speaking_of(tx: Tx, products: Collection[int]) -> set[int]:
    """Subjects whose texts hold the name of a product that is new or has another name now; old name or new."""
    rows = await tx.rows(
        """
        select n.id, coalesce(nullif(n.name, ''), n.key) as name, s.name as before from node n
        left join product_seen s on s.workspace_id = n.workspace_id and s.id = n.id
        where n.workspace_id = $1 and n.id = any($2::bigint[])
          and s.name is distinct from coalesce(nullif(n.name, ''), n.key)
        """,
        tx.workspace_id, sorted(products),
    )  # fmt: skip
    if not rows:
        return set()
    await tx.run(
        "insert into product_seen (workspace_id, id, name) select $1, t.id, t.name "
        "from unnest($2::bigint[], $3::text[]) as t (id, name) on conflict (workspace_id, id) do update set name = excluded.name",
        tx.workspace_id, [r["id"] for r in rows], [r["name"] for r in rows],
    )  # fmt: skip
    names = {n.replace("-", "_") for r in rows for n in (r["name"], r["before"]) if n}
    found = await tx.rows(
        "select distinct subject from signal where workspace_id = $1 and subject_kind = any($2::text[]) "
        "and texts::text ilike any($3::text[])",
        tx.workspace_id, sorted(READ), sorted(f"%{_plain(n)}%" for n in names),
    )  # fmt: skip
    return {r["subject"] for r in found}


def _plain(name: str) -> str:
    """A name as a LIKE pattern: `_` stands for itself, a blank or a dash."""
    return name.replace("\\", "\\\\").replace("%", "\\%")


async def forget(tx: Tx, subjects: Collection[int]) -> None:
    """Remove what these subjects' texts name."""
    await tx.run(
        "delete from mention where workspace_id = $1 and subject = any($2::bigint[])", tx.workspace_id, sorted(subjects)
    )
