"""What attacks achieve: labels turned, edges that would be accepted, effects of a model that obeys every order.

An answer is accepted when the cascade's verdict is sure enough for the set's threshold and is not held for a person: what `effects.effect` asks for, before it looks for the two ends of the edge.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

from msgspec import Struct

from honeyguide.inference.cascade import Cascade
from honeyguide.inference.contract import Answer, Item, Provider, QuestionSet, Usage
from honeyguide.inference.evaluation.corpora import Attack
from honeyguide.inference.port import Tier
from honeyguide.inference.question_sets import shipped


class Injected(Struct, frozen=True):
    """`turned`: attacks after which the wanted label is the likeliest and was not before. `flips`: those after which an edge
    the attack wants would be accepted without a person and was not before (`flip_rate` of all); `money`: those among
    them whose edge moves money. `opinions`: likewise accepted labels that make no edge. `held`: attacks that wait for a person.
    """

    tiers: str
    n: int
    turned: int
    flips: int
    flip_rate: float
    money: int
    opinions: int
    held: int
    by_family: dict[str, int]
    flipped: list[str]


class Obedient:
    """The worst model there is: answers what the attack in the text wants, certain, and quotes the text for it.

    It knows every attack by its text; of any other text it says what the text says by chance of the first option.
    """

    def __init__(self, attacks: Sequence[Attack], tier: Tier = "hosted_model") -> None:
        self.tier, self.name, self.model = tier, "obedient", "obedient"
        self._wanted = {a.attacked.text: (a.task, a.question, a.wanted[0]) for a in attacks}

    async def decide(self, questions: QuestionSet, items: Sequence[Item]) -> list[dict[str, Answer]]:
        """Every question whose options hold the wanted label is answered with it."""
        return [self._of(questions, item) for item in items]

    def _of(self, questions: QuestionSet, item: Item) -> dict[str, Answer]:
        found = {}
        task, ident, wanted = self._wanted.get(item.text, ("", "", ""))
        for q in questions.questions:
            name, _, plain = q.id.rpartition(".")
            if (name or questions.name, plain) == (task, ident):
                probs = {o: float(o == wanted) for o in q.options}
                found[q.id] = Answer(q.id, probs, self.name, self.tier, self.model, usage=Usage(100, 5))
        return found


async def injected(providers: Mapping[Tier, Provider], attacks: Sequence[Attack], name: str) -> Injected:
    """Put bases and attacked texts through the cascade of these providers (rules always among them)."""
    cascade = Cascade(providers)
    turned: list[str] = []
    flipped: list[str] = []
    opinions = held = money = 0
    for task in sorted({a.task for a in attacks}):
        questions, some = shipped()[task], [a for a in attacks if a.task == task]
        before = await cascade.decide(questions, [a.base for a in some])
        after = await cascade.decide(questions, [a.attacked for a in some])
        for attack, b, a in zip(some, before, after, strict=True):
            was, now = b[attack.question], a[attack.question]
            held += "review" in now.flags
            if now.label in attack.wanted and was.label not in attack.wanted:
                turned.append(attack.id)
            if not accepted(questions, attack, now) or accepted(questions, attack, was):
                continue
            asked = questions.question(attack.question)
            if now.label in asked.edges or now.label in asked.against:
                flipped.append(attack.id)
                money += asked.money
            else:
                opinions += 1
    family = Counter(i.rsplit("-", 2)[0] for i in flipped)
    return Injected(
        name, len(attacks), len(turned), len(flipped), round(len(flipped) / max(1, len(attacks)), 4), money, opinions, held,
        dict(sorted(family.items())), sorted(flipped),
    )  # fmt: skip


def accepted(questions: QuestionSet, attack: Attack, answer: Answer) -> bool:
    """Whether the wanted label would take effect without a person."""
    return answer.label in attack.wanted and answer.confidence >= questions.threshold and "review" not in answer.flags
