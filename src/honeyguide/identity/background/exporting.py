"""What a pass needs, out of the store and into its folder: by COPY, a row at a time, whatever the size."""

from pathlib import Path
from typing import Any

from honeyguide.db import Tx
from honeyguide.identity.background.exchange import Kind

_OWN = "not (r.ext_id like 'email:%' or r.ext_id like 'anon:%' or r.ext_id like 'domain:%' or r.ext_id like 'name:%')"


def _trait(*names: str) -> str:
    """The first of these traits a record has, as one line of text."""
    said = ", ".join(f"nullif(r.traits -> '{n}' ->> 'v', '')" for n in names)
    return f"left(regexp_replace(coalesce({said}), '\\s+', ' ', 'g'), 300)"


_SELECTED: dict[str, tuple[str, ...]] = {
    "persona": (
        "coalesce(" + _trait("name") + ", nullif(trim(concat_ws(' ', r.traits -> 'first_name' ->> 'v', r.traits -> 'last_name' ->> 'v')), ''))",
        _trait("email"), _trait("phone", "mobile_phone", "mobile"), _trait("title", "job_title"),
        _trait("company", "company_name", "organization", "account_name"), _trait("company_domain", "website", "domain"),
        _trait("country", "country_code"), _trait("city"),
    ),
    "company": (
        _trait("name"), _trait("domain", "website"), _trait("phone"), _trait("country", "country_code"), _trait("city"),
    ),
}  # fmt: skip
# Without one of these a record can be compared with nothing.
_TELLING = {"persona": ("name", "first_name", "email", "phone"), "company": ("name", "domain")}
_DIGEST = {
    kind: "hashtextextended(concat_ws(chr(31), " + ", ".join("coalesce(" + c + ", '')" for c in columns) + "), 0)"
    for kind, columns in _SELECTED.items()
}


def _comparable(kind: str) -> str:
    return "(" + " or ".join(f"r.traits -> '{n}' is not null" for n in _TELLING[kind]) + ")"


async def mark_changed(tx: Tx, kind: Kind, folder: Path) -> int:
    """Note what every record says now; those that say something new since the last pass go into `changed.csv`. How many."""
    rows = await tx.rows(
        f"insert into identity_seen as s (workspace_id, record_id, digest) "
        f"select $1::int, r.id, {_DIGEST[kind]} from record r where r.workspace_id = $1 and r.kind = $2 and {_comparable(kind)} "
        "on conflict (workspace_id, record_id) do update set digest = excluded.digest where s.digest <> excluded.digest "
        "returning s.record_id",
        tx.workspace_id, kind,
    )  # fmt: skip
    (folder / "changed.csv").write_text("".join(f"{r['record_id']}\n" for r in rows))
    return len(rows)


async def forget_changed(tx: Tx, folder: Path) -> None:
    """The pass failed: what it had noted as seen has not been looked at."""
    ids = [int(line) for line in (folder / "changed.csv").read_text().split()]
    await tx.run(
        "delete from identity_seen where workspace_id = $1 and record_id = any($2::bigint[])", tx.workspace_id, ids
    )


async def export(tx: Tx, kind: Kind, folder: Path) -> None:
    """Records, strong identifiers, what must stay apart and what money is tied to, as the files `exchange` names."""
    columns = ", ".join(_SELECTED[kind])
    await _copy(
        tx, folder / "records.csv",
        f"select r.id, r.entity_id, r.source, {_OWN}, {columns} from record r "
        f"where r.workspace_id = $1 and r.kind = $2 and {_comparable(kind)}",
        tx.workspace_id, kind,
    )  # fmt: skip
    await _copy(
        tx, folder / "signs.csv",
        "select i.record_id, i.ns, i.value from identifier i "
        "where i.workspace_id = $1 and i.kind = $2 and i.class = 'strong' and i.ns <> 'merge'",
        tx.workspace_id, kind,
    )  # fmt: skip
    await _copy(
        tx, folder / "apart.csv",
        "select a, b from (select distinct on (d.a, d.b) d.a, d.b, d.verdict from identity_decision d "
        "where d.workspace_id = $1 order by d.a, d.b, d.at desc, d.event_id desc) x where verdict = 'separated'",
        tx.workspace_id,
    )  # fmt: skip
    await _copy(
        tx, folder / "money.csv",
        "select distinct p.record_id from identity_protection p where p.workspace_id = $1", tx.workspace_id,
    )  # fmt: skip


async def _copy(tx: Tx, path: Path, sql: str, *args: Any) -> None:
    with path.open("wb") as file:
        await tx.connection.copy_from_query(sql, *args, output=file, format="csv")
