"""The System One wire shape: spoken to decision models, and answered by any provider of ours."""

import json
import threading
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from honeyguide.core.errors import BadInput, TooMuch, Unavailable
from honeyguide.inference.contract import Answer, Item, Question, QuestionSet, Usage
from honeyguide.inference.models.llama_process import LlamaProcess
from honeyguide.inference.port import Tier
from honeyguide.inference.providers.likelihood import Likelihood
from honeyguide.inference.providers.price import Price
from honeyguide.inference.providers.system_one import SystemOne, asked, at, emulated, wire, within
from tests.unit.inference.weights import default_weights

SET = QuestionSet(
    "three", 1, ("ticket",), "",
    (Question("route", "choice", "Which team?", {"billing": "money", "technical": "errors", "none": "neither"}),
     Question("refund", "noul", "Is a refund asked for?", {"yes": "it is", "no": "it is not"}),
     Question("urgency", "score", "How urgent?", {"1": "can wait", "2": "this week", "3": "now"})),
)  # fmt: skip
ITEMS = [Item("I was charged twice, please pay it back today!", "ticket", "customer"), Item("ok", "ticket")]


class Words:
    """A provider by hand."""

    name = "words"
    tier: Tier = "rule"

    async def decide(self, questions: QuestionSet, items: Sequence[Item]) -> list[dict[str, Answer]]:
        rows = []
        for item in items:
            hot = "charged" in item.text
            told = {"route": {"billing": 0.8, "technical": 0.15, "none": 0.05} if hot else {"billing": 0.1, "technical": 0.1, "none": 0.8},
                    "refund": {"yes": 0.9, "no": 0.1} if hot else {"yes": 0.02, "no": 0.98},
                    "urgency": {"1": 0.1, "2": 0.2, "3": 0.7}}  # fmt: skip
            rows.append(
                {
                    q.id: Answer(q.id, told[q.id], "words", "rule", "words:1", usage=Usage(tokens_in=7))
                    for q in questions.questions
                    if q.id in told
                }
            )
        return rows


class Decisions(ThreadingHTTPServer):
    """`/v1/systemone` over our own emulation; `spoil` changes its answers."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Door)
        self.seen: list[tuple[str, str, Any]] = []
        self.spoil: Any = lambda reply: reply


class _Door(BaseHTTPRequestHandler):
    server: Decisions

    def log_message(self, *_: Any) -> None:
        """Quiet."""

    def do_POST(self) -> None:
        import asyncio  # noqa: PLC0415

        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.server.seen.append((self.path, self.headers.get("authorization", ""), body))
        reply = self.server.spoil(asyncio.run(emulated(Words(), body)))
        content = json.dumps(reply).encode()
        self.send_response(200 if reply else 503)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@pytest.fixture
def server() -> Iterator[Decisions]:
    running = Decisions()
    thread = threading.Thread(target=running.serve_forever, daemon=True)
    thread.start()
    yield running
    running.shutdown()
    running.server_close()
    thread.join(5)


def remote(server: Decisions, **more: Any) -> SystemOne:
    told = at(f"http://127.0.0.1:{server.server_port}", "julia-1", "k")
    return SystemOne(told, "system-one:julia-1", tier="hosted_model", kinds=(), **more)


async def test_what_we_ask_and_what_we_answer_are_one_shape(server: Decisions) -> None:
    """Through the client of another project, over HTTP, and back: the same probabilities."""
    found = await remote(server).permitting(["ticket"]).decide(SET, ITEMS)
    direct = await Words().decide(SET, ITEMS)
    for ours, theirs in zip(direct, found, strict=True):
        for ident, answer in ours.items():
            assert theirs[ident].probs == pytest.approx(answer.probs)
    assert found[0]["route"].tier == "hosted_model"
    assert found[0]["route"].model == "system-one:julia-1"
    assert sum(a.usage.tokens_in for a in found[0].values()) == 21
    assert len(server.seen) == len(ITEMS), "one call an item, with all questions"
    path, key, body = server.seen[0]
    assert (path, key) == ("/v1/systemone", "Bearer k")
    assert body["state"]["text"] == ITEMS[0].text
    assert body["questions"]["urgency"]["criteria"] == ["can wait", "this week", "now"]


async def test_nothing_leaves_without_consent_or_over_the_cap(server: Decisions) -> None:
    assert await remote(server).decide(SET, ITEMS) == [{}, {}]
    dear = remote(server, price=Price(10_000_000, 10_000_000))
    assert dear.estimate(SET, ITEMS).cost_micros == 0
    each = dear.permitting(["ticket"]).estimate(SET, ITEMS[:1]).cost_micros
    with pytest.raises(TooMuch):
        await dear.permitting(["ticket"], each - 1).decide(SET, ITEMS)
    assert server.seen == []


@pytest.mark.parametrize(
    "spoil",
    [lambda _: None, lambda r: r | {"answers": {}}, lambda r: r | {"answers": r["answers"] | {"refund": {"type": "noul", "noul": 7}}},
     lambda r: r | {"answers": r["answers"] | {"route": {"type": "noul", "noul": 0.5}}}],
)  # fmt: skip
async def test_answers_of_another_shape_are_no_answers(server: Decisions, spoil: Any) -> None:
    server.spoil = spoil
    with pytest.raises(Unavailable):
        await remote(server).permitting(["ticket"]).decide(SET, ITEMS)


@pytest.mark.parametrize("body", [{}, {"questions": {"a": {"type": "essay"}}}, {"questions": 3}])
async def test_bodies_of_another_shape_are_refused(body: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        await emulated(Words(), body)


async def test_a_question_nobody_can_answer_is_said(server: Decisions) -> None:
    body = wire(asked(SET, ITEMS[0])) | {"questions": {"other": {"type": "noul", "instructions": "?"}}}
    with pytest.raises(BadInput, match="every question"):
        await emulated(Words(), body)


async def test_an_ordinary_gguf_answers_the_same_shape_and_refuses_to_be_a_decision_model() -> None:
    process = LlamaProcess(default_weights(), slots=1)
    try:
        with pytest.raises(Unavailable, match="no typed questions"):
            await SystemOne(within(process), "m", tier="local_model").decide(SET, ITEMS)
        reply = await emulated(Likelihood(process, "smollm2"), wire(asked(SET, ITEMS[0])))
        assert set(reply["answers"]) == {"route", "refund", "urgency"}
        assert sum(reply["answers"]["route"]["probabilities"].values()) == pytest.approx(1)
        assert 0 <= reply["answers"]["refund"]["noul"] <= 1
        assert reply["model"] == "smollm2"
    finally:
        process.close()
