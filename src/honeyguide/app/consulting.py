"""The language expert's model: a hosted one by the machinery that reads texts, with its budget; none without a key.

The model answers one closed question about a briefing: which of the listed actions, and which line shows it. It cannot
write a word that is kept: the quote is looked up in the briefing, and the line it lies in is what is cited.
"""

from collections.abc import Sequence

from honeyguide.core import clock
from honeyguide.db import Database
from honeyguide.decisions import consult
from honeyguide.decisions.experts.language import Briefing, Model, Reply
from honeyguide.inference.budget import DailyPurse
from honeyguide.inference.contract import Answer, Item, Provider, Question, QuestionSet, Usage
from honeyguide.inference.models.store import Store
from honeyguide.inference.port import Tier
from honeyguide.inference.providers import build
from honeyguide.settings import Settings

KIND = "briefing"
_TIER: Tier = "hosted_model"
_ABOUT = (
    "A briefing about one customer contact of a business, made of closed words, counts and numbered lines of evidence. "
    "It decides whether this contact is asked for a referral now, and how."
)
_INSTRUCTIONS = (
    "Which action is most likely to bring a qualified referral without wearing the contact out? Quote the line of evidence "
    "that speaks most for it."
)


class HostedChoice:
    """Asks a provider of the tier `hosted_model` about briefings, within the workspace's budget of the day."""

    def __init__(self, provider: Provider, purse: DailyPurse) -> None:
        permitting = getattr(provider, "permitting", None)
        self._provider: Provider = permitting([KIND]) if permitting else provider
        self._purse = purse

    async def choose(self, briefings: Sequence[Briefing]) -> list[Reply | None]:
        """One call per briefing: each has options of its own. What does not fit the budget has no answer."""
        return [await self._one(b) for b in briefings]

    async def _one(self, briefing: Briefing) -> Reply | None:
        asked, item = question_set(briefing), Item(briefing.text, KIND)
        estimate = getattr(self._provider, "estimate", None)
        wanted = [estimate(asked, [item]) if estimate else Usage()]
        if not await self._purse.reserve(self._provider.name, _TIER, wanted):
            return None
        spent = Usage()
        try:
            found = (await self._provider.decide(asked, [item]))[0].get("action")
            spent = found.usage if found else Usage()
        finally:
            wasted = getattr(self._provider, "take_wasted", None)
            lost = [wasted()] if wasted else []
            await self._purse.settle(self._provider.name, _TIER, wanted, [spent, *lost])
        return reply_of(briefing, found) if found else None


def question_set(briefing: Briefing) -> QuestionSet:
    """The closed question of a briefing."""
    question = Question("action", "choice", _INSTRUCTIONS, dict(briefing.options))
    return QuestionSet(name="choose", version=1, reads=(KIND,), about=_ABOUT, questions=(question,))


def reply_of(briefing: Briefing, answer: Answer) -> Reply:
    """An answer as a reply: what it quotes is looked up among the lines of evidence."""
    lines = briefing.evidence.items()
    cited = [
        i
        for span in answer.evidence
        for i, line in lines
        if span.words.strip() and span.words.strip() in f"{i}. {line}"
    ]
    return Reply(answer.probs, cited, answer.model, answer.usage.cost_micros)


def model_of(db: Database, workspace_id: int, settings: Settings) -> Model | None:
    """The model of a workspace; None without a hosted model in the settings."""
    if not settings.hosted_model:
        return None
    provider = build(settings, Store(settings.models)).get(_TIER)
    return HostedChoice(provider, DailyPurse(db, workspace_id)) if provider else None


async def consult_once(db: Database, workspace_id: int, model: Model | None) -> int:
    """Ask the next questions, if there is a model and the workspace agreed; returns how many answers were kept."""
    if model is None:
        return 0
    async with db.tx(workspace_id) as tx:
        briefings = await consult.due(tx, clock.now())
    if not briefings:
        return 0
    good, bad = await consult.ask(model, briefings, clock.now())
    async with db.tx(workspace_id) as tx:
        return await consult.keep(tx, good, bad)
