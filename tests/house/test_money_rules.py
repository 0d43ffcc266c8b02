"""The page of the money rules is what their suite says, and the suite hides nothing."""

import ast
import re

from tests.money_rules.paper import HERE, PAGE, page, shown_in, themes

_LEAST = 120


def test_the_page_is_what_the_suite_says() -> None:
    assert PAGE.read_text() == page(), "python -m tests.money_rules.paper > docs/reference/money-rules.md"


def test_there_are_enough_rules_each_with_one_sentence() -> None:
    said: dict[str, str] = {}
    for shown in themes().values():
        for one in shown:
            assert re.fullmatch(r"MR-\d{3}", one.number), one
            assert one.sentence.endswith("."), one
            assert said.setdefault(one.number, one.sentence) == one.sentence, one
    assert len(said) >= _LEAST
    assert len(set(said.values())) == len(said), "two rules say the same"


def test_every_test_of_the_suite_shows_a_rule_and_none_is_left_out() -> None:
    for path in sorted(HERE.glob("test_*.py")):
        text = path.read_text()
        tests = [
            f.name for f in ast.walk(ast.parse(text))
            if isinstance(f, ast.FunctionDef | ast.AsyncFunctionDef) and f.name.startswith("test_")
        ]  # fmt: skip
        assert sorted(tests) == sorted(s.test for s in shown_in(path)), path.name
        assert not re.search(r"pytest\.(mark\.)?(skip|xfail)", text), path.name
