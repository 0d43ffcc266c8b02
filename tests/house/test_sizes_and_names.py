"""The house stays liveable: small files, short functions, rooms with names, no commits and floats where they hurt."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
SOURCE = ROOT / "src" / "honeyguide"
FILE_LINES, FUNCTION_LINES = 400, 60
ROOMS_WITHOUT_A_NAME = {"utils", "util", "misc", "common", "manager", "managers", "helpers", "helper", "service", "services",
                        "handlers", "tools", "lib", "base"}  # fmt: skip


def modules() -> Iterator[Path]:
    return SOURCE.rglob("*.py")


def trees() -> Iterator[tuple[Path, ast.Module]]:
    for path in modules():
        yield path, ast.parse(path.read_text(), str(path))


def too_long(path: Path, tree: ast.Module) -> list[str]:
    found = []
    lines = len(path.read_text().splitlines())
    if lines > FILE_LINES:
        found.append(f"{path.name}: {lines} lines")
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
            length = node.end_lineno - node.lineno + 1
            if length > FUNCTION_LINES:
                found.append(f"{path.name}:{node.lineno} {node.name}: {length} lines")
    return found


def test_files_and_functions_are_short() -> None:
    assert [f for path, tree in trees() for f in too_long(path, tree)] == []


def test_the_size_check_can_fail(tmp_path: Path) -> None:
    long = tmp_path / "long.py"
    long.write_text("def f():\n" + "    x = 1\n" * 500)
    assert len(too_long(long, ast.parse(long.read_text()))) == 2


def test_web_sources_are_short_too() -> None:
    files = [p for ext in ("ts", "tsx", "css") for p in (ROOT / "web" / "src").rglob(f"*.{ext}")]
    assert files, "the console's sources are not where they were"
    assert [f"{p.name}: {n}" for p in files if (n := len(p.read_text().splitlines())) > FILE_LINES] == []


def test_every_room_has_a_name() -> None:
    names = [p for p in SOURCE.rglob("*") if p.stem in ROOMS_WITHOUT_A_NAME and (p.is_dir() or p.suffix == ".py")]
    assert names == []


def public_without_docstring(tree: ast.Module) -> list[str]:
    found = [] if ast.get_docstring(tree) else ["the module itself"]
    for node in tree.body:
        if not isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if not node.name.startswith("_") and not ast.get_docstring(node):
            found.append(node.name)
    return found


def test_everything_public_says_what_it_does() -> None:
    silent = {
        str(path.relative_to(SOURCE)): names
        for path, tree in trees()
        if "versions" not in path.parts and (names := public_without_docstring(tree))
    }
    assert silent == {}


def test_nothing_commits_outside_db() -> None:
    found = []
    for path, tree in trees():
        if path.parent.name == "db":
            continue
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in ("commit", "rollback")
            ):
                found.append(f"{path.name}:{node.lineno}")
            text = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
            if re.fullmatch(r"\s*(commit|rollback|begin)\s*;?\s*", text, re.IGNORECASE):
                found.append(f"{path.name}: {text}")
    assert found == []


def floats_in(tree: ast.Module) -> list[int]:
    return [
        node.lineno
        for node in ast.walk(tree)
        if (isinstance(node, ast.Constant) and isinstance(node.value, float))
        or (isinstance(node, ast.Name) and node.id == "float")
        or (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and not _is_path(node))
    ]


def _is_path(node: ast.BinOp) -> bool:
    return any(isinstance(side, ast.Constant) and isinstance(side.value, str) for side in (node.left, node.right))


def test_the_ledger_knows_no_float() -> None:
    found = {p.name: lines for p, tree in trees() if p.parent.name == "ledger" and (lines := floats_in(tree))}
    assert found == {}
    schema = (SOURCE / "db/migrations/sql/0001/10_ledger.sql").read_text()
    assert not re.search(r"\b(real|double precision|float\d?|numeric)\b", schema)


@pytest.mark.parametrize("bad", ["x = 0.1", "x = float(y)", "x = a / b"])
def test_the_float_check_can_fail(bad: str) -> None:
    assert floats_in(ast.parse(bad))


def test_imports_stand_at_the_top() -> None:
    found = []
    for path, tree in trees():
        for outer in ast.walk(tree):
            if isinstance(outer, ast.FunctionDef | ast.AsyncFunctionDef):
                found += [
                    f"{path.name}:{n.lineno}" for n in ast.walk(outer) if isinstance(n, ast.Import | ast.ImportFrom)
                ]
    assert found == []
