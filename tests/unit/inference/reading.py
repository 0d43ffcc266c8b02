"""Notes and mails as short sentences, and providers that answer as told, for the tests of reading."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import structs

from honeyguide.core.errors import Unavailable
from honeyguide.core.terms import CanonicalEvent, RecordRef
from honeyguide.db import Database
from honeyguide.graph.kinds import EDGE_NAME
from honeyguide.inference.contract import Answer, Item, Question, QuestionSet, Usage
from honeyguide.inference.port import Tier
from tests.unit.inference.story import company, event, hour, person


def human(key: str, name: str) -> RecordRef:
    """A person of the CRM with this full name."""
    made = person(key, source="crm")
    return structs.replace(made, traits=made.traits | {"name": name})


ACME = company("acme", source="crm")
ANA = human("ana", "Ana Silva")
TOM = human("tom", "Tom Berger")
ZOE = human("zoe", "Zoe Adler")


def cast() -> list[CanonicalEvent]:
    """Three people of Acme and a product called Dispatch."""
    return [
        *(event("persona.identified", hour(n), who, ACME, source="crm") for n, who in enumerate((ANA, TOM, ZOE))),
        event("feature.used", hour(4), ANA, ACME, source="product", product="dispatch", feature="board"),
        event("feature.used", hour(5), ANA, ACME, source="product", product="routes", feature="map"),
    ]


def note(text: str, who: RecordRef = ANA, *, at: datetime | None = None, number: str = "1") -> CanonicalEvent:
    """A note of an account owner, kept with a person."""
    return event("account_note.added", at or hour(30), who, ACME, source="crm", note=number, agent_text=text)


def mail(text: str, who: RecordRef = ANA, *, at: datetime | None = None, number: str = "1") -> CanonicalEvent:
    """A mail a customer wrote."""
    return event("sales_email.received", at or hour(31), who, ACME, source="crm", email=number, text=text)


async def edges(db: Database, workspace: int, *, by: str = "") -> set[tuple[str, int, int, str]]:
    """The live assertions that were read from texts: (kind, src, dst, inferrer)."""
    async with db.tx(workspace) as tx:
        rows = await tx.rows(
            "select kind, src, dst, inferrer from assertion where workspace_id = $1 and retracted_at is null "
            "and inferrer like '%:' || $2 || '%' and inferrer not in ('rule:titles', 'rule:support') and inferrer like '%:%'",
            workspace, by,
        )  # fmt: skip
    return {(EDGE_NAME[r["kind"]], r["src"], r["dst"], r["inferrer"]) for r in rows}


def likely(question: Question, label: str, p: float = 0.95) -> dict[str, float]:
    """A distribution with most of it on one label."""
    rest = (1 - p) / (len(question.options) - 1)
    return {o: p if o == label else rest for o in question.options}


class Told:
    """A provider that answers what a function says, and counts how often each text was put to it."""

    def __init__(
        self, tier: Tier, says: Callable[[Question, Item], str | dict[str, float] | Answer | None], *,
        p: float = 0.95, usage: Usage | None = None, name: str = "",
    ) -> None:  # fmt: skip
        self.tier, self._says, self._p = tier, says, p
        self._usage = usage or Usage(1_000, 100, 50.0, 1_000)
        self.name = name or f"told-{tier}"
        self.model = "told@1"
        self.calls: list[tuple[str, list[str]]] = []
        self.down = False

    async def decide(self, questions: QuestionSet, items: Sequence[Item]) -> list[dict[str, Answer]]:
        """One answer per question it has something to say on."""
        if self.down:
            raise Unavailable(f"{self.name} cannot be reached.")
        self.calls.append((questions.name, [i.text for i in items]))
        return [self._of(questions, item) for item in items]

    def _of(self, questions: QuestionSet, item: Item) -> dict[str, Answer]:
        found: dict[str, Answer] = {}
        for question in questions.questions:
            said = self._says(question, item)
            if isinstance(said, Answer):
                found[question.id] = said
            elif said is not None:
                probs = said if isinstance(said, dict) else likely(question, said, self._p)
                found[question.id] = Answer(
                    question=question.id, probs=probs, provider=self.name, tier=self.tier, model=self.model,
                    usage=Usage() if found else self._usage,
                )  # fmt: skip
        return found

    def put(self) -> dict[str, int]:
        """How often each text was put to it."""
        counted: dict[str, int] = {}
        for _, texts in self.calls:
            for text in texts:
                counted[text] = counted.get(text, 0) + 1
        return counted


def plain(question: Question) -> str:
    """A question's id without its set."""
    return question.id.rpartition(".")[2]


def picks(labels: Mapping[str, str]) -> Callable[[Question, Item], str | None]:
    """Always the same labels, by plain question id; other questions are left out."""
    return lambda question, _: labels.get(plain(question))


async def answers(db: Database, workspace: int) -> list[dict[str, Any]]:
    """The current lines of the decision log."""
    async with db.tx(workspace) as tx:
        rows = await tx.rows("select * from answer where workspace_id = $1 and current", workspace)
    return [dict(r) for r in rows]
