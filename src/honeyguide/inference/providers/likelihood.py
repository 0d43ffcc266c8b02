"""A local language model as a classifier: how likely it finds each label's word after the text. It writes nothing.

Source: reading label words' likelihoods on small models beats generated JSON by far (the same weights: 41 to 59 of 100
against 9 of 40), and taking off the model's lean, measured on balanced examples, is most of it. After Zhao et al. 2021,
"Calibrate Before Use" (there with an empty text, which is unstable for small models).

One call to the model process carries every question of every text of a batch. In it each text is computed once, on top
of the kept prefix; each question adds the few tokens of its own line.
"""

import asyncio
import hashlib
import math
import os
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from honeyguide.core.errors import BadInput
from honeyguide.inference.contract import Answer, Item, Question, QuestionSet, Usage
from honeyguide.inference.models.llama_process import LlamaProcess
from honeyguide.inference.port import Tier
from honeyguide.inference.providers.shots import Split, distinct_words, prefix, quoted, short_names, split

_BATCH, _HEAD, _TAIL = 16, 160, 96
_ROOM = 80  # tokens of a slot for the question's line and the answer


class Task(Struct, frozen=True):
    """A question set made ready for one model. `lean`: question -> label -> what is taken off, in logarithms."""

    prefix: list[int]
    words: dict[str, dict[str, str]]
    firsts: dict[str, list[int]]
    leads: dict[str, list[int]]
    before: list[int]
    refused: dict[str, BadInput]
    digest: str
    lean: dict[str, list[float]]


class Likelihood:
    """The provider of tier `local_model` over an ordinary GGUF. Deterministic: the same text, set and weights give the same numbers.

    `weights` names the weights (name and digest) in answers and cache keys. `words`: question id -> label -> word, where
    the labels themselves will not do. `memory`: a folder in which what was measured of the model's lean is kept.
    """

    name = "local"
    tier: Tier = "local_model"

    def __init__(
        self, process: LlamaProcess, weights: str, *, words: Mapping[str, Mapping[str, str]] | None = None,
        shots: int = 4, lean: bool = True, memory: Path | None = None,
    ) -> None:  # fmt: skip
        self._process, self._weights, self._words = process, weights, words or {}
        self._shots, self._takes_off_lean, self._memory = shots, lean, memory
        self._tasks: dict[bytes, Task] = {}
        self._guard = threading.Lock()

    @property
    def model(self) -> str:
        """Name and digest of the weights."""
        return self._weights

    async def decide(self, questions: QuestionSet, items: Sequence[Item]) -> list[dict[str, Answer]]:
        """Answers in order. A question whose labels the model cannot tell apart is left out. Raises Unavailable."""
        found: list[dict[str, Answer]] = []
        for n in range(0, len(items), _BATCH):
            found += await asyncio.to_thread(self._decide, questions, items[n : n + _BATCH])
        return found

    def load(self, questions: QuestionSet) -> Task:
        """Make a set ready. Raises BadInput when labels of a question begin with the same token, Unavailable."""
        task = self._ready(questions)
        for refusal in task.refused.values():
            raise refusal
        return task

    def close(self) -> None:
        """End the model process."""
        self._process.close()

    def _decide(self, questions: QuestionSet, items: Sequence[Item]) -> list[dict[str, Answer]]:
        task = self._ready(questions)
        asked = [q for q in questions.questions if q.id in task.words]
        if not asked:
            return [{} for _ in items]
        reply = self._ask(task, asked, [i.text for i in items])
        count = len(items) * len(asked)
        usage = Usage(tokens_in=reply["tokens"] // count, cpu_ms=reply["cpu_ms"] / count)
        return [
            {q.id: self._answer(task, q, row, cut, usage) for q, row in zip(asked, rows or (), strict=bool(rows))}
            for rows, cut in zip(reply["answers"], reply["cut"], strict=True)
        ]

    def _answer(self, task: Task, question: Question, row: list[float], cut: bool, usage: Usage) -> Answer:
        fair = [score - off for score, off in zip(row, task.lean[question.id], strict=True)]
        top = max(fair)
        shares = [math.exp(score - top) for score in fair]
        labels = [*question.options]
        return Answer(
            question.id, {label: s / sum(shares) for label, s in zip(labels, shares, strict=True)}, self.name, self.tier,
            self._weights, logits=dict(zip(labels, row, strict=True)), prompt=task.digest,
            flags=("too_long",) if cut else (), usage=usage,
        )  # fmt: skip

    def _ask(self, task: Task, asked: Sequence[Question], texts: Sequence[str]) -> dict[str, Any]:
        return self._process.call({
            "op": "choose", "slot": self._process.slot_of(task.digest), "prefix": task.prefix, "before": task.before,
            "after": [], "texts": [quoted(t[:20_000]) for t in texts], "keep": [_HEAD, _TAIL],
            "steps": [{"lead": task.leads[q.id], "words": task.firsts[q.id]} for q in asked],
        })  # fmt: skip

    def _ready(self, questions: QuestionSet) -> Task:
        key = hashlib.blake2b(repr(questions).encode(), digest_size=16).digest()
        with self._guard:
            if key not in self._tasks:
                self._tasks[key] = self._prepare(questions)
            return self._tasks[key]

    def _prepare(self, questions: QuestionSet) -> Task:
        words: dict[str, dict[str, str]] = {}
        refused: dict[str, BadInput] = {}
        for q in questions.questions:
            try:
                words[q.id] = distinct_words(q, self._firsts, self._words.get(q.id))
            except BadInput as e:
                refused[q.id] = e
        ids, splits = self._prefix(questions, words)
        names = short_names(questions)
        leads = [f"\n{names[ident]}:" for ident in words]
        before, *tokens = self._process.tokens(["Text: ", *leads])
        firsts = {i: self._firsts([" " + w for w in by_label.values()]) for i, by_label in words.items()}
        digest = hashlib.blake2b(repr((ids, firsts, tokens)).encode(), digest_size=8).hexdigest()
        level = {ident: [0.0] * len(by_label) for ident, by_label in words.items()}
        task = Task(ids, words, firsts, dict(zip(words, tokens, strict=True)), before, refused, digest, level)
        if self._takes_off_lean:
            level.update(self._remembered(digest) or self._leans(task, questions, splits))
        return task

    def _leans(self, task: Task, questions: QuestionSet, splits: Mapping[str, Split]) -> dict[str, list[float]]:
        found = {
            q.id: self._lean(task, q, splits[q.id])
            for q in questions.questions
            if q.id in task.words and splits[q.id].kept
        }
        if self._memory is not None:
            self._memory.mkdir(parents=True, exist_ok=True)
            part = self._memory / f".{self._file(task.digest)}.{os.getpid()}"
            part.write_bytes(msgspec.json.encode(found))
            part.replace(self._memory / self._file(task.digest))
        return found

    def _remembered(self, digest: str) -> dict[str, list[float]] | None:
        """What was measured of these weights with this very prompt; the numbers would be the same again."""
        if self._memory is None:
            return None
        try:
            return msgspec.json.decode((self._memory / self._file(digest)).read_bytes(), type=dict[str, list[float]])
        except (OSError, msgspec.DecodeError, msgspec.ValidationError):
            return None

    def _file(self, digest: str) -> str:
        return f"{self._weights.replace(':', '-')}-{digest}.lean"

    def _prefix(
        self, questions: QuestionSet, words: Mapping[str, Mapping[str, str]]
    ) -> tuple[list[int], dict[str, Split]]:
        """As many examples per label as leave room for the text."""
        room = self._process.context - _HEAD - _TAIL - _ROOM
        ids: list[int] = []
        for shots in range(self._shots, 0, -1):
            splits = {q.id: split(q, questions.seeds, shots) for q in questions.questions if q.id in words}
            ids = self._process.tokens([prefix(questions, words, splits)], start=True)[0]
            if len(ids) <= room:
                return ids, splits
        raise BadInput(
            f"The question set {questions.name} is too long for this model.",
            f"With one example of each label it takes {len(ids)} tokens; {room} are there.",
        )

    def _lean(self, task: Task, question: Question, given: Split) -> list[float]:
        """The mean log share of each label over texts of which every label has equally many."""
        rows = [r for r in self._ask(task, [question], [seed.text for seed, _ in given.kept])["answers"] if r]
        if len(rows) < len(given.kept):
            return [0.0] * len(question.options)
        return [sum(row[0][n] for row in rows) / len(rows) for n in range(len(question.options))]

    def _firsts(self, words: Sequence[str]) -> list[int]:
        """The first token of each word (which begins with a space); -1 where that is no more than the space."""
        alone = self._process.tokens([" "])[0]
        return [t[0] if t and t[:1] != alone[:1] else -1 for t in self._process.tokens(words)]
