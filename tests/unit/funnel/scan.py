"""Every byte the database holds of one workspace, as text: what tests of suppression and erasure look through."""

import base64
import json

from honeyguide.db import Database


async def everything(db: Database, workspace: int) -> str:
    """All rows of all tables of a workspace as text; bytes as they stand and, for bodies, as they read."""
    found: list[str] = []
    async with db.tx(workspace) as tx:
        tables = await tx.rows(
            "select c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'workspace_id' "
            "where c.relkind in ('r', 'p') and not c.relispartition and c.relnamespace = 'public'::regnamespace "
            "and c.relname <> 'directory'"
        )
        for table in tables:
            name = table["name"]
            columns = await tx.rows(
                "select attname as name, atttypid::regtype::text as type from pg_attribute "
                "where attrelid = to_regclass($1) and attnum > 0 and not attisdropped",
                name,
            )
            parts = [c["name"] if c["type"] == "bytea" else f"{c['name']}::text" for c in columns]
            rows = await tx.rows(f"select {', '.join(parts)} from {name} where workspace_id = $1", workspace)
            found += [f"{name}: " + " | ".join(_text(value) for value in row.values()) for row in rows]
    return "\n".join(found)


def _text(value: str | bytes | None) -> str:
    plain = value.decode("utf-8", "replace") if isinstance(value, bytes) else value or ""
    return plain.replace("\n", " ")


def traces(text: str, *words: str) -> list[str]:
    """The lines that name somebody: plainly, without regard to case, JSON-escaped, URL-encoded or in base64."""
    forms = {w.lower() for w in words}
    forms |= {json.dumps(w)[1:-1].lower() for w in words} | {w.replace("@", "%40").lower() for w in words}
    coded = {base64.b64encode(w.encode()).decode().rstrip("=")[:-1] for w in words}
    return [
        line for line in text.splitlines() if any(f in line.lower() for f in forms) or any(c in line for c in coded)
    ]
