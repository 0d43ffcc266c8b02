"""The page of the rules, from the suite's source: `python -m tests.money_rules.paper > docs/reference/money-rules.md`."""

import ast
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "reference" / "money-rules.md"
_HEAD = """# The rules of money

What Honeyguide promises about money, credit and payouts, in {rules} rules. Each is shown by the tests beside it
(`tests/money_rules`), which use only the public functions and the HTTP API; after every one of them
`honeyguide ledger verify`'s checker has to find the books sound. This page is made from the tests
(`python -m tests.money_rules.paper`), and a test fails when it is not.
"""


class Shown(Struct, frozen=True):
    """A rule and a test of it."""

    number: str
    sentence: str
    test: str


def shown_in(path: Path) -> Iterator[Shown]:
    """The rules a file's tests show, in the file's order."""
    for found in ast.walk(ast.parse(path.read_text())):
        if isinstance(found, ast.FunctionDef | ast.AsyncFunctionDef):
            for mark in found.decorator_list:
                if isinstance(mark, ast.Call) and isinstance(mark.func, ast.Name) and mark.func.id == "rule":
                    number, sentence = (ast.literal_eval(said) for said in mark.args)
                    yield Shown(number, sentence, found.name)


def themes() -> dict[Path, list[Shown]]:
    """The files of the suite with what they show, by their first rule."""
    found = {path: list(shown_in(path)) for path in HERE.glob("test_*.py")}
    return dict(sorted(((p, s) for p, s in found.items() if s), key=lambda pair: pair[1][0].number))


def page() -> str:
    """The whole page."""
    by_file = themes()
    rules = {one.number for shown in by_file.values() for one in shown}
    parts = [_HEAD.format(rules=len(rules))]
    for path, shown in by_file.items():
        title = (ast.get_docstring(ast.parse(path.read_text())) or "").splitlines()[0].rstrip(".")
        link = f"../../tests/money_rules/{path.name}"
        tests: dict[tuple[str, str], list[str]] = {}
        for one in shown:
            tests.setdefault((one.number, one.sentence), []).append(f"[`{one.test}`]({link})")
        lines = [f"| {number} | {sentence} | {'<br>'.join(names)} |" for (number, sentence), names in tests.items()]
        parts.append(
            "\n".join((f"\n## {title}\n", "| rule | what holds | shown by |", "| --- | --- | --- |", *lines)) + "\n"
        )
    return "".join(parts)


if __name__ == "__main__":
    print(page(), end="")
