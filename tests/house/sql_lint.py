"""The SQL lint: what keeps our statements ready for a database sharded by workspace.

Collects every statement string the code sends (by AST, nothing is run), parses it and reports:
a table of ours without its workspace in WHERE or the join condition; a join of our tables that does not equate
their workspaces; a STABLE or VOLATILE function inside UPDATE or ON CONFLICT DO UPDATE; a primary, unique or
foreign key that is not led by the workspace.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import sqlglot
from sqlglot import exp

COLUMN = "workspace_id"
# Not split by workspace on purpose: `workspace` lists them, `directory` is read before one is known.
GLOBAL = frozenset({"workspace", "directory"})
_SENDERS = frozenset({"rows", "row", "value", "run", "many", "fetch", "fetchrow", "fetchval", "execute"})
_STABLE = frozenset({
    "now", "current_timestamp", "clock_timestamp", "statement_timestamp", "transaction_timestamp", "random", "timeofday",
    "localtimestamp", "current_date", "current_time", "localtime", "gen_random_uuid", "uuidv4", "uuidv7", "nextval",
    "jsonb_build_object", "json_build_object", "jsonb_build_array", "json_build_array", "to_jsonb", "to_json",
    "current_setting", "pg_current_xact_id", "txid_current", "to_char", "age", "currval", "setseed", "date_part_tz",
})  # fmt: skip


class Statement(NamedTuple):
    """A statement and where it stands."""

    where: str
    sql: str


class Finding(NamedTuple):
    """One rule a statement breaks."""

    where: str
    rule: str
    detail: str


def statements_in(folder: Path) -> Iterator[Statement]:
    """Every string constant that reaches a transaction's method, directly, by a name of its module, or in a helper's return."""
    for path in sorted(folder.rglob("*.py")):
        yield from statements_of(path.read_text(), path.relative_to(folder).as_posix())


def statements_of(source: str, name: str) -> Iterator[Statement]:
    """The statements of one module. An f-string's unknown parts become `$99`, unless they are constants of the module."""
    tree = ast.parse(source)
    known = _constants(tree)
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in _SENDERS
            and node.args
        ):
            for text in _texts(node.args[0], known):
                if _is_sql(text):
                    yield Statement(f"{name}:{node.lineno}", text)


def _constants(tree: ast.AST) -> dict[str, list[ast.expr]]:
    """What each name is assigned anywhere in the module."""
    found: dict[str, list[ast.expr]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    found.setdefault(target.id, []).append(node.value)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
            found.setdefault(node.target.id, []).append(node.value)
    return found


def _texts(node: ast.expr, known: dict[str, list[ast.expr]], depth: int = 0) -> list[str]:
    """Every string an expression of constants may stand for."""
    if depth > 6:
        return []
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str) else []
    if isinstance(node, ast.Name):
        return [t for value in known.get(node.id, []) for t in _texts(value, known, depth + 1)]
    if isinstance(node, ast.IfExp):
        return _texts(node.body, known, depth + 1) + _texts(node.orelse, known, depth + 1)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = _texts(node.left, known, depth + 1), _texts(node.right, known, depth + 1)
        return [a + b for a in left or [""] for b in right or [""]]
    if isinstance(node, ast.JoinedStr):
        found = [""]
        for part in node.values:
            if isinstance(part, ast.Constant):
                more = [str(part.value)]
            else:
                more = _texts(part.value, known, depth + 1) if isinstance(part, ast.FormattedValue) else []
                more = more or ["$99"]
            found = [a + b for a in found for b in more]
        return found
    return []


def _is_sql(text: str) -> bool:
    return re.match(r"\s*(select|insert|update|delete|with|merge)\b", text, re.I) is not None


def lint(statement: Statement, tables: frozenset[str]) -> list[Finding]:
    """The rules one statement breaks. `tables` are the tables that carry the workspace."""
    try:
        trees = [t for t in sqlglot.parse(_plain(statement.sql), read="postgres") if t is not None]
    except sqlglot.errors.ParseError as e:
        return [Finding(statement.where, "unparsed", str(e).splitlines()[0])]
    found: list[Finding] = []
    for tree in trees:
        found += [Finding(statement.where, rule, detail) for rule, detail in _check(tree, tables)]
    return found


def _plain(sql: str) -> str:
    """Without clauses sqlglot does not know and no rule looks at."""
    sql = re.sub(r"\bfor (update|share|no key update)( of \w+)?( skip locked| nowait)?", "", sql, flags=re.I)
    sql = re.sub(r"\bas (not )?materialized\b", "as", sql, flags=re.I)
    sql = re.sub(r"\boffset 0\b", "", sql, flags=re.I)
    sql = re.sub(r"\bwith ordinality\b|\boverriding (system|user) value\b", "", sql, flags=re.I)
    return re.sub(r"::tstzmultirange\b", "::text", sql)


def _check(tree: exp.Expr, tables: frozenset[str]) -> Iterator[tuple[str, str]]:
    yield from _volatile(tree)
    yield from _inserted(tree, tables)
    # Sides of a join that are each bound to the workspace by a parameter are equal through it.
    for scope in _scopes(tree):
        ours = {t.alias_or_name: t.name for t in _tables_of(scope) if _known(t.name, tables)}
        if not ours:
            continue
        bound, pairs = _conditions(scope, ours)
        groups = _united(set(ours), pairs)
        for group in groups:
            if not group & bound:
                yield "no workspace", f"{', '.join(sorted(ours[a] for a in group))} without {COLUMN} in where or join"


def _known(name: str, tables: frozenset[str]) -> bool:
    return name in tables or (name.startswith("edge_") and "edge" in tables)


def _scopes(tree: exp.Expr) -> Iterator[exp.Expr]:
    """Each SELECT, UPDATE and DELETE with its own tables and conditions."""
    yield from tree.find_all(exp.Select, exp.Update, exp.Delete)


def _tables_of(scope: exp.Expr) -> list[exp.Table]:
    """The tables named directly in this scope, not in those nested in it."""
    return [t for t in scope.find_all(exp.Table) if _owner(t) is scope and t.name]


def _owner(node: exp.Expr) -> exp.Expr | None:
    parent = node.parent
    while parent is not None and not isinstance(parent, exp.Select | exp.Update | exp.Delete | exp.Insert):
        parent = parent.parent
    return parent


def _conditions(scope: exp.Expr, ours: dict[str, str]) -> tuple[set[str], list[tuple[str, str]]]:
    """Which tables are bound to a workspace from outside, and which pairs are equated with each other."""
    bound: set[str] = set()
    pairs: list[tuple[str, str]] = []
    for equal in scope.find_all(exp.EQ):
        if _owner(equal) is not scope or _under(equal, scope):
            continue
        sides = [_workspace_of(s, ours) for s in (equal.left, equal.right)]
        named = [s for s in sides if s is not None]
        if len(named) == 2 and named[0] in ours and named[1] in ours:
            pairs.append((named[0], named[1]))
        else:
            bound.update(n for n in named if n in ours)
    return bound, pairs


def _under(node: exp.Expr, scope: exp.Expr) -> bool:
    """Is there an OR, NOT or CASE between the condition and its scope (so that it need not hold)?"""
    parent = node.parent
    while parent is not None and parent is not scope:
        if isinstance(parent, exp.Or | exp.Not | exp.Case):
            return True
        parent = parent.parent
    return False


def _workspace_of(side: exp.Expr, ours: dict[str, str]) -> str | None:
    """The alias whose workspace this side is; a bare column belongs to the only table of ours."""
    if not isinstance(side, exp.Column) or side.name not in (COLUMN, "id"):
        return None
    table = side.table or (next(iter(ours)) if len(ours) == 1 else "")
    if side.name == "id" and ours.get(table) != "workspace":
        return None
    return table or None


def _united(names: set[str], pairs: list[tuple[str, str]]) -> list[set[str]]:
    groups = [{n} for n in sorted(names)]
    for a, b in pairs:
        left = next(g for g in groups if a in g)
        right = next(g for g in groups if b in g)
        if left is not right:
            groups.remove(right)
            left |= right
    return groups


def _inserted(tree: exp.Expr, tables: frozenset[str]) -> Iterator[tuple[str, str]]:
    for insert in tree.find_all(exp.Insert):
        table = insert.find(exp.Table)
        columns = [c.name for c in insert.this.expressions] if isinstance(insert.this, exp.Schema) else []
        if table is not None and _known(table.name, tables) and COLUMN not in columns:
            yield "no workspace", f"insert into {table.name} without {COLUMN}"


def _volatile(tree: exp.Expr) -> Iterator[tuple[str, str]]:
    for part in tree.find_all(exp.Update, exp.OnConflict):
        for node in part.walk():
            if isinstance(node, exp.Func | exp.Anonymous):
                name = node.name.lower() if isinstance(node, exp.Anonymous) else node.sql_name().lower()
                written = node.sql(dialect="postgres").split("(")[0].strip().lower()
                if name in _STABLE or written in _STABLE:
                    yield "not immutable", f"{written}() inside {type(part).__name__}"


def lint_schema(sql: str) -> list[Finding]:
    """Keys of the schema that are not led by the workspace, and tables that do not carry it."""
    found = []
    for table, body in re.findall(r"create table (\w+) \((.*?)\n\)", sql, re.S):
        if table not in GLOBAL:
            if not re.search(rf"^\s*{COLUMN} \w+ not null", body, re.M):
                found.append(Finding(table, "no workspace", f"the table has no {COLUMN} column"))
            found += [Finding(table, "key", line.strip()) for line in body.splitlines() if _bad_key(line)]
    uniques = re.findall(r"create unique index \w+ on (\w+) \((.*?)\)", sql)
    return found + [Finding(t, "key", f"unique index on {c}") for t, c in uniques if t not in GLOBAL and not _led(c)]


def _led(columns: str) -> bool:
    return columns.split(",", maxsplit=1)[0].strip() == COLUMN


def _bad_key(line: str) -> bool:
    """Does the line of a table state a key that is not led by the workspace?"""
    inline = re.search(r"^\s*(\w+) .*\b(primary key|unique)\b(?!\s*\()", line)
    if inline and inline[1] not in ("primary", "unique"):
        return True
    if not all(_led(key) for key in re.findall(r"(?:primary key|unique|foreign key)\s*\(([^)]*)\)", line)):
        return True
    reference = re.search(r"references (\w+)\s*\(([^)]*)\)", line)
    return bool(reference and reference[1] not in GLOBAL and not _led(reference[2]))


def tables_of(sql: str) -> frozenset[str]:
    """The tables of the schema that carry the workspace."""
    return frozenset(t for t in re.findall(r"create table (\w+) \(", sql) if t not in GLOBAL)
