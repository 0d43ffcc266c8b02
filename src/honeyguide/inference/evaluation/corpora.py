"""The texts to measure on: files of our own (tests/data/inference), each row with the labels that count as right."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from honeyguide.core.errors import NotFound
from honeyguide.inference.contract import Item
from honeyguide.inference.question_sets import shipped


class Case(Struct, frozen=True):
    """A text, and per question (set, id) the labels that count as right, the best first. `words`: what shows it."""

    item: Item
    right: Mapping[tuple[str, str], tuple[str, ...]]
    words: str = ""


class Attack(Struct, frozen=True):
    """A text with an attack in it. `base` says one of `true`; the attack is after one of `wanted`."""

    id: str
    family: str
    task: str
    question: str
    true: tuple[str, ...]
    wanted: tuple[str, ...]
    base: Item
    attacked: Item


_FEELING = {"positive": ("happy",), "neutral": ("neutral",), "negative": ("unhappy",)}
_OUTCOME = {"resolved": ("resolved",), "unresolved": ("unresolved",), "unclear": ("none",)}
# Our texts tell product, person and company apart; the question set cuts finer, and names no company.
_OBJECT = {
    "product": ("product",), "person": ("support", "people"), "company": ("none", "price", "people", "support"),
    "none": ("none",),
}  # fmt: skip
_RECOMMEND = {"yes": ("willing",), "no": ("unwilling",), "none": ("none",)}
_RISK = {"yes": ("leaving", "doubtful"), "no": ("staying",), "none": ("none",)}
_SENIORITY = {"unclear": "none"}
# (set, question) of the attacks' file -> (question of the set, labels by the file's labels).
_ATTACKED: dict[tuple[str, str], tuple[str, Mapping[str, tuple[str, ...]]]] = {
    ("ticket_outcome", "resolution"): ("resolution", _OUTCOME),
    ("ticket_outcome", "sentiment"): ("sentiment", _FEELING),
    ("praise", "praise"): ("stance", {}),
    ("relation", "relation"): ("relation", {}),
    ("intent", "would_recommend"): ("recommend", _RECOMMEND),
    ("churn", "risk"): ("risk", _RISK),
    ("title", "seniority"): ("seniority", {}),
}
_KIND = {
    "ticket_outcome": "ticket", "praise": "mail", "relation": "note", "intent": "mail", "churn": "mail", "title": "title",
}  # fmt: skip
SETS = ("titles", "support", "praise", "relation", "intent", "churn")


def folder(given: Path | None) -> Path:
    """Where the texts are: as given, else in the checkout we run from. Raises NotFound."""
    places = [given] if given else [Path("tests/data/inference"), Path(__file__).parents[4] / "tests/data/inference"]
    for place in places:
        if (place / "titles.jsonl").is_file():
            return place
    raise NotFound(
        "The texts to measure on are not here.", f"There is no titles.jsonl in {places[0]}.",
        advice="Run it in a checkout, or name the folder with --data.",
    )  # fmt: skip


def cases(where: Path, name: str) -> list[Case]:
    """One of `SETS`, without texts that happen to be a seed: nobody is measured on what it was shown."""
    seeds = {s.text.casefold() for q in shipped().values() for s in q.seeds}
    found = [_CASE[name](row) for row in _rows(where / f"{name}.jsonl")]
    return [c for c in found if c.item.text.casefold() not in seeds]


def half(title: str) -> str:
    """`open` (its errors may be looked at when rules are improved) or `sealed`."""
    return "open" if hashlib.blake2b(title.encode(), digest_size=1).digest()[0] % 2 else "sealed"


def attacks(where: Path) -> list[Attack]:
    """Every attack."""
    return [_attack(row) for row in _rows(where / "attacks.jsonl")]


def _rows(file: Path) -> list[dict[str, Any]]:
    return [msgspec.json.decode(line) for line in file.read_bytes().splitlines() if line.strip()]


def _title(row: dict[str, Any]) -> Case:
    right = {
        ("title", "seniority"): tuple(_SENIORITY.get(s, s) for s in row["seniority"]),
        ("title", "department"): tuple(row["department"]),
    }
    return Case(Item(row["title"], "title"), right, row["title"])


def _support(row: dict[str, Any]) -> Case:
    """What the product reads: the customer's own last words."""
    said = [line.partition(": ") for line in row["text"].split("\n")]
    own = [words for who, _, words in said if who == "Customer"]
    author = "customer" if own else "agent"
    text = own[-1] if own else row["text"].partition(": ")[2]
    right = {
        ("ticket_outcome", "resolution"): _OUTCOME[row["outcome"]],
        ("ticket_outcome", "sentiment"): _FEELING[row["sentiment"]],
    }
    return Case(Item(text, "ticket", author, {"step": "commented"}), right, row["words"])


def _praise(row: dict[str, Any]) -> Case:
    right = {("praise", "stance"): (str(row["verdict"]),), ("praise", "object"): _OBJECT[row["object"]]}
    return Case(Item(row["text"], "mail", "customer"), right, row["words"])


def _relation(row: dict[str, Any]) -> Case:
    return Case(Item(row["text"], "note", "staff"), {("relation", "relation"): (str(row["relation"]),)}, row["words"])


def _intent(row: dict[str, Any]) -> Case:
    right = {("intent", "recommend"): _RECOMMEND[row["would_recommend"]]}
    return Case(Item(row["text"], "mail", "customer"), right, row["words"])


def _churn(row: dict[str, Any]) -> Case:
    return Case(Item(row["text"], "mail", "customer"), {("churn", "risk"): _RISK[row["at_risk"]]}, row["words"])


_CASE = {
    "titles": _title, "support": _support, "praise": _praise, "relation": _relation, "intent": _intent, "churn": _churn,
}  # fmt: skip


def _attack(row: dict[str, Any]) -> Attack:
    question, labels = _ATTACKED[row["task"], row["question"]]
    kind = _KIND[row["task"]]
    author = "staff" if kind == "note" else "" if kind == "title" else "customer"
    return Attack(
        id=row["id"], family=row["family"], task=row["task"], question=question,
        true=labels.get(row["true"], (row["true"],)), wanted=labels.get(row["wanted"], (row["wanted"],)),
        base=Item(row["base"], kind, author), attacked=Item(row["text"], kind, author),
    )  # fmt: skip
