"""Rules of money, each one sentence and the tests that show it: the acceptance suite of programs, credit and ledger.

`docs/reference/money-rules.md` is made from these files (`python -m tests.money_rules.paper`). They use only what the
packages and the HTTP API offer to everybody, never what is inside. Every rule works in a workspace of its own, and after
each one the checker from outside has to find the books sound.
"""

from collections.abc import Callable
from typing import Any, TypeVar

Test = TypeVar("Test", bound=Callable[..., Any])
RULES: dict[str, str] = {}


def rule(number: str, sentence: str) -> Callable[[Test], Test]:
    """This test shows the rule `number`. Two tests of one rule say the same sentence."""

    def mark(test: Test) -> Test:
        if RULES.setdefault(number, sentence) != sentence:
            raise AssertionError(f"{number} says two things: {RULES[number]!r} and {sentence!r}")
        return test

    return mark
