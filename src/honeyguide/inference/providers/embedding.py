"""Sentence embeddings on one thread, offline: MiniLM with int8 weights, run by onnxruntime.

The weights are quantised, the arithmetic is not: a text's vector does not depend on what it is batched with, so a
replay gives the same vectors (tests/unit/inference/test_embedding.py measures it).

Source: all-MiniLM-L6-v2 (Apache-2.0): mean of the token states under the attention mask, normalised to length 1.
"""

import asyncio
import hashlib
import importlib
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from honeyguide.core.errors import Unavailable
from honeyguide.inference.contract import Answer, Item, QuestionSet, Usage
from honeyguide.inference.port import Tier

WIDTH, MAX_TOKENS = 384, 256
# No 256 word pieces of running text are longer; a longer text is cut before the tokenizer reads all of it.
_MAX_CHARACTERS = 8_000
_BATCH_ROWS, _BATCH_TOKENS = 16, 1_024

Floats = NDArray[np.float32]


class Embedding:
    """Texts to vectors. Loads model and tokenizer when first asked (0.3 s, about 120 MB)."""

    def __init__(self, model: Path | None = None, threads: int = 1) -> None:
        self._path, self._threads = model, threads
        self._session: Any = None
        self._tokenizer: Any = None
        self._guard = threading.Lock()
        self._digest = ""

    @property
    def model(self) -> str:
        """Name and the first 12 hex digits of the weights' SHA-256: part of every cache key. Raises Unavailable."""
        if not self._digest:
            self._digest = hashlib.sha256(_model_path(self._path).read_bytes()).hexdigest()[:12]
        return f"minilm-int8:{self._digest}"

    def embed(self, texts: Sequence[str]) -> Floats:
        """One unit vector of 384 numbers per text, in order. Raises Unavailable when a part is not installed."""
        return self.look(texts)[0]

    def look(self, texts: Sequence[str]) -> tuple[Floats, list[bool]]:
        """The vectors, and for each text whether it was longer than the model reads (256 word pieces)."""
        vectors = np.zeros((len(texts), WIDTH), np.float32)
        if not texts:
            return vectors, []
        tokenizer, session = self._loaded()
        rows = tokenizer.encode_batch([_readable(t) for t in texts])
        ids = [row.ids for row in rows]
        cut = [bool(row.overflowing) or len(t) > _MAX_CHARACTERS for row, t in zip(rows, texts, strict=True)]
        for batch in _batches([len(i) for i in ids]):
            vectors[batch] = _run(session, [ids[n] for n in batch])
        return vectors, cut

    def rest(self) -> None:
        """Give the memory of the model back; the next text loads it again."""
        with self._guard:
            self._session = self._tokenizer = None

    def _loaded(self) -> tuple[Any, Any]:
        with self._guard:
            if self._session is None:
                parts, path = _parts(), _model_path(self._path)
                self._tokenizer = parts.tokenizer(MAX_TOKENS)
                self._session = parts.session(path, self._threads)
            return self._tokenizer, self._session


def _run(session: Any, ids: list[list[int]]) -> Floats:
    width = max(len(i) for i in ids)
    words = np.zeros((len(ids), width), np.int64)
    mask = np.zeros((len(ids), width), np.int64)
    for n, row in enumerate(ids):
        words[n, : len(row)] = row
        mask[n, : len(row)] = 1
    given = {"input_ids": words, "attention_mask": mask, "token_type_ids": np.zeros_like(words)}
    states = session.run(None, given)[0]
    # Each row over its own tokens only, so that padding changes not even the last bit.
    means = np.stack([states[n, : len(row)].mean(axis=0, dtype=np.float64) for n, row in enumerate(ids)])
    lengths = np.linalg.norm(means, axis=1, keepdims=True)
    return np.asarray(means / np.maximum(lengths, 1e-12), np.float32)


def _batches(lengths: list[int]) -> Iterator[list[int]]:
    """Rows of like length together: short texts do not pay for long ones."""
    batch: list[int] = []
    for n in sorted(range(len(lengths)), key=lambda k: (lengths[k], k)):
        if batch and (len(batch) >= _BATCH_ROWS or (len(batch) + 1) * lengths[n] > _BATCH_TOKENS):
            yield batch
            batch = []
        batch.append(n)
    if batch:
        yield batch


def _readable(text: str) -> str:
    """What the tokenizer takes: no lone surrogates, bounded."""
    return text[:_MAX_CHARACTERS].encode("utf-8", "replace").decode()


def _parts() -> Any:
    try:
        return importlib.import_module("honeyguide.inference.providers.minilm")
    except ImportError as e:
        raise Unavailable(
            "The embedding model cannot run here.", f"The package {e.name} is not installed.",
            advice="Install Honeyguide with its dependencies. Until then rules answer alone, less surely.",
        ) from e  # fmt: skip


def _model_path(given: Path | None) -> Path:
    path: Path = given or _parts().weights()
    if not path.is_file():
        raise Unavailable("The embedding model's weights are not where they should be.", str(path))
    return path


class Head(Protocol):
    """What turns features into probabilities of a question's labels (see `inference.heads`)."""

    @property
    def classes(self) -> Sequence[str]: ...
    def probs(self, x: NDArray[Any]) -> NDArray[Any]: ...


class Features(Protocol):
    """Extra columns beside the embedding: what rules see in an item."""

    def __call__(self, questions: QuestionSet, items: Sequence[Item], /) -> NDArray[Any]: ...


class EmbeddingHead:
    """The provider of tier `embedding`: one head per question over the embedding and the rules' features.

    `heads`: (task, question id) -> head, with the task as `QuestionSet.task` writes it. A question without a head is
    not answered. `version` names the heads (it is part of the answer's model, and so of every cache key).
    """

    name = "embedding"
    tier: Tier = "embedding"

    def __init__(
        self, embedding: Embedding, heads: Mapping[tuple[str, str], Head], *, version: str = "",
        features: Features | None = None,
    ) -> None:  # fmt: skip
        self.embedding, self.heads, self._version, self._features = embedding, heads, version, features

    @property
    def model(self) -> str:
        """Weights and heads, as answers carry them; the heads alone while the weights are absent."""
        try:
            weights = self.embedding.model
        except Unavailable:
            weights = ""
        return "/".join(part for part in (weights, self._version) if part)

    async def decide(self, questions: QuestionSet, items: Sequence[Item]) -> list[dict[str, Answer]]:
        """Answers of every question that has a head. Raises Unavailable when the model is not installed."""
        return await asyncio.to_thread(self._decide, questions, items)

    def _decide(self, questions: QuestionSet, items: Sequence[Item]) -> list[dict[str, Answer]]:
        asked = [
            (q.id, self.heads[questions.task, q.id])
            for q in questions.questions
            if (questions.task, q.id) in self.heads
        ]
        if not asked or not items:
            return [{} for _ in items]
        began = time.thread_time()
        x, cut = self.embedding.look([i.text for i in items])
        columns: NDArray[Any] = x
        if self._features is not None:
            columns = np.hstack([x, np.asarray(self._features(questions, items), np.float32)])
        found: list[dict[str, Answer]] = [{} for _ in items]
        model = self.model
        probs = {ident: (head.classes, head.probs(columns)) for ident, head in asked}
        usage = Usage(cpu_ms=1000 * (time.thread_time() - began) / len(items) / len(asked))
        for ident, (classes, rows) in probs.items():
            for n, row in enumerate(rows):
                found[n][ident] = Answer(
                    ident, {c: float(p) for c, p in zip(classes, row, strict=True)}, self.name, self.tier, model,
                    flags=("too_long",) if cut[n] else (), usage=usage,
                )  # fmt: skip
        return found
