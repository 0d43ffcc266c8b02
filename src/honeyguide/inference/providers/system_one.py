"""The System One wire shape: typed questions about a state, answered with a probability per option (`/v1/systemone`).

Decision models speak it natively: llama.cpp with such weights, Ollama, LiteLLM and hosted ones. `SystemOne` asks them,
in our own model process or at a URL; `emulated` answers the same JSON with any provider of ours, so that what speaks
the shape can use an ordinary GGUF as well. Probabilities are over the whole set: `none` is an option like others.

The state carries the text and what is known about it as JSON values: data, never instructions.
"""

import asyncio
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from pydantic import TypeAdapter, ValidationError
from pydantic_ai.exceptions import AgentRunError, ModelAPIError, UserError
from pydantic_ai.models.decision import (
    ChoiceAnswer,
    ChoiceQuestion,
    DecisionAnswer,
    DecisionQuestion,
    DecisionRequest,
    DecisionResponse,
    NoulAnswer,
    NoulCriteria,
    NoulQuestion,
    ScoreAnswer,
    ScoreQuestion,
)
from pydantic_ai.models.system_one import SystemOneModel
from pydantic_ai.providers.system_one import SystemOneProvider

from honeyguide.core.errors import BadInput, TooMuch, Unavailable
from honeyguide.inference.contract import Answer, Item, Provider, Question, QuestionKind, QuestionSet, Usage
from honeyguide.inference.models.llama_process import LlamaProcess
from honeyguide.inference.port import Tier
from honeyguide.inference.providers.letter import cut
from honeyguide.inference.providers.price import Price, shares, tokens_of

_answers: TypeAdapter[dict[str, DecisionAnswer]] = TypeAdapter(dict[str, DecisionAnswer])
_questions: TypeAdapter[dict[str, DecisionQuestion]] = TypeAdapter(dict[str, DecisionQuestion])


class Told(Protocol):
    """Whoever answers a request in the wire shape."""

    async def __call__(self, request: DecisionRequest, /) -> DecisionResponse: ...


def asked(questions: QuestionSet, item: Item) -> DecisionRequest:
    """One item and all questions about it."""
    state: dict[str, Any] = {"kind": item.kind, "text": cut(item.text)}
    if item.author:
        state["author"] = item.author
    return DecisionRequest(state=state, questions={q.id: _wired(q) for q in questions.questions})


def _wired(q: Question) -> DecisionQuestion:
    if q.kind == "noul":
        return NoulQuestion(
            instructions=q.instructions, criteria=NoulCriteria(true=q.options["yes"], false=q.options["no"])
        )
    if q.kind == "score":
        return ScoreQuestion(criteria=[*q.options.values()], instructions=q.instructions)
    return ChoiceQuestion(criteria=dict(q.options), instructions=q.instructions)


def probabilities(q: Question, answer: DecisionAnswer) -> dict[str, float]:
    """An answer as shares of the question's labels that add up to 1. Raises BadInput when it answers something else."""
    if q.kind == "noul" and isinstance(answer, NoulAnswer):
        given = {"yes": answer.noul, "no": 1 - answer.noul}
    elif q.kind == "score" and isinstance(answer, ScoreAnswer):
        given = {label: answer.probabilities.get(n, 0.0) for n, label in enumerate(q.options)}
    elif q.kind == "choice" and isinstance(answer, ChoiceAnswer):
        given = {label: answer.probabilities.get(label, 0.0) for label in q.options}
    else:
        raise BadInput(f"{q.id} was answered as another kind of question.", type(answer).__name__)
    total = sum(given.values())
    if not total > 0 or min(given.values()) < 0:
        raise BadInput(f"{q.id} was answered without probabilities.")
    return {label: share / total for label, share in given.items()}


def answer_to(question: DecisionQuestion, probs: Mapping[str, float]) -> DecisionAnswer:
    """Shares of labels in the wire shape."""
    if isinstance(question, NoulQuestion):
        return NoulAnswer(noul=probs["yes"])
    likeliest = min(probs, key=lambda k: (-probs[k], k))
    if isinstance(question, ScoreQuestion):
        levels = {n: probs[str(n + 1)] for n in range(len(question.criteria))}
        expected = sum(n * p for n, p in levels.items())
        return ScoreAnswer(
            score=expected, confidence=probs[likeliest], probabilities=levels, legend=dict(enumerate(question.criteria))
        )
    return ChoiceAnswer(choice=likeliest, confidence=probs[likeliest], probabilities=dict(probs))


class SystemOne:
    """A decision model behind the wire shape. Answers nothing of a kind of text that may not be sent.

    `tier` is `local_model` for one on this machine. Without evidence: such models give probabilities, no quotes.
    """

    name = "system_one"

    def __init__(
        self, tell: Told, model: str, *, tier: Tier, kinds: Iterable[str] | None = None, price: Price | None = None,
        cap_micros: int | None = None,
    ) -> None:  # fmt: skip
        self._tell, self.model, self.tier, self._cap = tell, model, tier, cap_micros
        self.kinds = None if kinds is None else frozenset(kinds)
        self._price = price or Price(0, 0)

    def permitting(self, kinds: Iterable[str], cap_micros: int | None = None) -> "SystemOne":
        """The same model for a workspace that lets these kinds of text leave, and spends at most this from now on."""
        return SystemOne(self._tell, self.model, tier=self.tier, kinds=kinds, price=self._price, cap_micros=cap_micros)

    def estimate(self, questions: QuestionSet, items: Sequence[Item]) -> Usage:
        """What answering would take at most; nothing is sent. Items that may not be sent cost nothing."""
        sent = [i for i in items if self.kinds is None or i.kind in self.kinds]
        read = sum(tokens_of(str(wire(asked(questions, i)))) for i in sent)
        written = len(sent) * len(questions.questions)
        return Usage(read, written, 0.0, self._price.cost(read, written))

    async def decide(self, questions: QuestionSet, items: Sequence[Item]) -> list[dict[str, Answer]]:
        """One call per item, with all questions. Raises Unavailable or TooMuch when there is no answer at all."""
        found: list[dict[str, Answer]] = []
        for item in items:
            try:
                found.append(await self._one(questions, item))
            except (TooMuch, Unavailable):
                if any(found):
                    return found + [{}] * (len(items) - len(found))
                raise
        return found

    async def _one(self, questions: QuestionSet, item: Item) -> dict[str, Answer]:
        if self.kinds is not None and item.kind not in self.kinds:
            return {}
        most = self.estimate(questions, [item]).cost_micros
        if self._cap is not None and most > self._cap:
            raise TooMuch("The budget does not allow another call.", f"It could cost {most / 1e6:.4f}.")
        request = asked(questions, item)
        reply = await self._tell(request)
        read, written = reply.usage.input_tokens, reply.usage.output_tokens
        cost = self._price.cost(read, written)
        if self._cap is not None:
            self._cap -= cost
        parts = shares(Usage(read, written, 0.0, cost), len(questions.questions))
        prompt = hashlib.blake2b(repr(request.questions).encode(), digest_size=8).hexdigest()
        found = {}
        for q, usage in zip(questions.questions, parts, strict=True):
            if q.id not in reply.answers:
                continue
            try:
                probs = probabilities(q, reply.answers[q.id])
            except BadInput:
                continue
            found[q.id] = Answer(q.id, probs, self.name, self.tier, self.model, prompt=prompt, usage=usage)
        return found


def at(url: str, name: str, key: str = "", patience_s: float = 60.0) -> Told:
    """A decision model at a URL, by pydantic-ai's client."""
    model = SystemOneModel(name, provider=SystemOneProvider(base_url=url, api_key=key or None))

    async def tell(request: DecisionRequest, /) -> DecisionResponse:
        try:
            return await model.decide(request, {"timeout": patience_s})
        except (ModelAPIError, UserError, AgentRunError) as e:
            raise Unavailable(f"The decision model {name} does not answer.", f"{type(e).__name__}.") from e

    return tell


def within(process: LlamaProcess) -> Told:
    """A decision model's weights in our own model process. An ordinary GGUF refuses, which is Unavailable."""

    async def tell(request: DecisionRequest, /) -> DecisionResponse:
        body = {"state": request.state, "questions": wire(request)["questions"]}
        reply = (await asyncio.to_thread(process.call, {"op": "decisions", "body": body}))["reply"]
        if "error" in reply:
            raise Unavailable("The local weights answer no typed questions.", str(reply["error"].get("message", "")))
        try:
            answers = _answers.validate_python(reply["answers"])
        except (KeyError, ValidationError) as e:
            raise Unavailable("The local decision model answered in another form.", str(e)[:300]) from e
        return DecisionResponse(answers=answers, model_name=process.weights.stem)

    return tell


def wire(request: DecisionRequest) -> dict[str, Any]:
    """A request as the JSON of `/v1/systemone`."""
    return {
        "state": request.state,
        "questions": _questions.dump_python(request.questions, mode="json", exclude_none=True),
    }


async def emulated(provider: Provider, body: Mapping[str, Any]) -> dict[str, Any]:
    """Answer a request in the wire shape with any provider. Raises BadInput for another shape, Unavailable.

    Labels the model cannot tell apart leave a question without an answer, which the shape does not know: BadInput.
    """
    try:
        questions = _questions.validate_python(body["questions"])
    except (KeyError, ValidationError) as e:
        raise BadInput("The body is not of the System One shape.", str(e)[:300]) from e
    state = body.get("state", "")
    text = state if isinstance(state, str) else TypeAdapter(Any).dump_json(state).decode()
    given = QuestionSet("asked", 1, ("note",), "A state.", tuple(_ours(name, q) for name, q in questions.items()))
    found = (await provider.decide(given, [Item(text, "note")]))[0]
    if missing := [name for name in questions if name not in found]:
        raise BadInput("This model cannot answer every question.", f"Without an answer: {', '.join(missing)}.")
    usage = {"input_tokens": sum(a.usage.tokens_in for a in found.values()), "output_tokens": 0}
    answers = {name: answer_to(question, found[name].probs) for name, question in questions.items()}
    model = next(iter(found.values())).model if found else provider.name
    return {"model": model, "answers": _answers.dump_python(answers, mode="json"), "usage": usage}


def _ours(name: str, question: DecisionQuestion) -> Question:
    instructions = question.instructions if isinstance(question.instructions, str) else ""
    kind: QuestionKind = question.type
    if isinstance(question, NoulQuestion):
        criteria = question.criteria or NoulCriteria()
        options = {"yes": str(criteria.true or "yes"), "no": str(criteria.false or "no")}
    elif isinstance(question, ScoreQuestion):
        options = {str(n): str(level) for n, level in enumerate(question.criteria, 1)}
    else:
        options = {label: str(meaning or label) for label, meaning in question.criteria.items()}
    return Question(name, kind, instructions, options)
