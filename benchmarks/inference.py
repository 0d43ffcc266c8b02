"""How many texts one core reads: the embedding model, heads over it, and the local language model where its weights are.

Claims: at least 150 texts of the size of a ticket's comment per second and core through tier 1 (tokens, vectors, heads);
a text's vector does not depend on its batch; the local model costs at most 400 ms of CPU for one question about a text.
Everything is CPU time of one thread. Run: python -m benchmarks.inference [WEIGHTS.gguf]
"""

import asyncio
import json
import os
import statistics
import sys
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np  # after the thread limits

from benchmarks.machine import facts
from honeyguide.inference.contract import Item
from honeyguide.inference.models.llama_process import LlamaProcess
from honeyguide.inference.providers.embedding import Embedding, EmbeddingHead, Head
from honeyguide.inference.providers.likelihood import Likelihood
from honeyguide.inference.question_sets import shipped

TEXTS, ROUNDS, WORDS = 480, 5, 16
BAR_TEXTS, BAR_LOCAL_MS = 150.0, 400.0


class Random:
    """A head of the size of a real one: its answers do not matter here, its arithmetic does."""

    def __init__(self, classes: tuple[str, ...]) -> None:
        self.classes = classes
        self._weights = np.random.default_rng(1).normal(size=(384, len(classes))).astype(np.float32)

    def probs(self, x: Any) -> Any:
        """Softmax."""
        scores = np.exp(x @ self._weights)
        return scores / scores.sum(axis=1, keepdims=True)


def texts() -> list[str]:
    """Distinct texts out of the words of the shipped seeds, as long as the seeds themselves (8 to 24 words)."""
    rng = np.random.default_rng(7)
    words = " ".join(s.text for one in shipped().values() for s in one.seeds if one.name != "title").split()
    return [" ".join(rng.choice(words, int(rng.integers(WORDS - 8, WORDS + 9)))) for _ in range(TEXTS)]


def seeds() -> list[str]:
    """What people write in comments of tickets, as the shipped seeds have it."""
    return [s.text for s in shipped()["ticket_outcome"].seeds]


def embedding_rates(model: Embedding, given: list[str]) -> dict[str, Any]:
    """Texts and tokens per second of CPU, in batches and one by one."""
    model.embed(given[:8])
    batched: list[float] = []
    together = model.embed(given)
    for _ in range(ROUNDS):
        began = time.process_time()
        together = model.embed(given)
        batched.append(len(given) / (time.process_time() - began))
    began = time.process_time()
    single = np.vstack([model.embed([t]) for t in given])
    alone = len(given) / (time.process_time() - began)
    tokens = [len(e.ids) for e in model._tokenizer.encode_batch(given)]
    return {
        "texts": len(given), "mean_tokens": round(statistics.mean(tokens), 1), "per_s": [round(r) for r in batched],
        "tokens_per_s": round(statistics.median(batched) * statistics.mean(tokens)), "one_by_one_per_s": round(alone),
        "largest_difference_of_batch_and_single": float(np.abs(together - single).max()),
    }  # fmt: skip


def head_rate(model: Embedding, given: list[str]) -> float:
    """Texts per second of CPU through both questions of a set, answers and all."""
    questions = shipped()["ticket_outcome"]
    heads: dict[tuple[str, str], Head] = {(questions.task, q.id): Random(tuple(q.options)) for q in questions.questions}
    provider = EmbeddingHead(model, heads)
    items = [Item(t, "ticket") for t in given]
    rates = []
    for _ in range(ROUNDS):
        began = time.process_time()
        asyncio.run(provider.decide(questions, items))
        rates.append(len(items) / (time.process_time() - began))
    return statistics.median(rates)


def local(weights: Path) -> dict[str, Any]:
    """CPU milliseconds of the model process per text, for a set of two questions."""
    process = LlamaProcess(weights)
    provider = Likelihood(process, weights.stem)
    questions = shipped()["ticket_outcome"]
    try:
        began = time.monotonic()
        task = provider.load(questions)
        ready = time.monotonic() - began
        items = [Item(t, "ticket") for t in texts()[:40]]
        found = asyncio.run(provider.decide(questions, items))
        again = asyncio.run(provider.decide(questions, items[::-1]))[::-1]
        each = [sum(a.usage.cpu_ms for a in one.values()) for one in found]
        same = all(a[q].probs == b[q].probs for a, b in zip(found, again, strict=True) for q in a)
        pid = process.pid
        status = Path(f"/proc/{pid}/status").read_text() if pid else ""
        memory = next((int(x.split()[1]) // 1024 for x in status.splitlines() if x.startswith("VmRSS")), 0)
    finally:
        process.close()
    return {
        "weights": weights.name, "prefix_tokens": len(task.prefix), "ready_s": round(ready, 1), "memory_mb": memory,
        "cpu_ms_per_text": round(statistics.mean(each)), "questions": len(questions.questions),
        "cpu_ms_per_question": round(statistics.mean(each) / len(questions.questions)), "same_numbers_twice": same,
    }  # fmt: skip


def main() -> None:
    """Measure, print and store."""
    model = Embedding()
    comments = seeds()
    found: dict[str, Any] = {
        "claims": {"texts_per_s_core": BAR_TEXTS, "local_cpu_ms_per_question": BAR_LOCAL_MS},
        "embedding_of_comments": embedding_rates(model, comments),
        "embedding_of_longer_texts": embedding_rates(model, texts()),
        "tier_1_comments_per_s": round(head_rate(model, comments * 3)),
        "machine": facts(),
    }
    if len(sys.argv) > 1:
        found["local_model"] = local(Path(sys.argv[1]))
    steady = found["embedding_of_longer_texts"]["largest_difference_of_batch_and_single"] <= 1e-4
    quick = found.get("local_model", {}).get("cpu_ms_per_question", 0) <= BAR_LOCAL_MS
    found["holds"] = found["tier_1_comments_per_s"] >= BAR_TEXTS and steady and quick
    target = Path(__file__).parent / "results" / "inference.json"
    target.write_text(json.dumps(found, indent=2) + "\n")
    print(json.dumps({k: v for k, v in found.items() if k != "machine"}, indent=2))


if __name__ == "__main__":
    main()
