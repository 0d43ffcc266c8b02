"""Trying weights: do they load, are they steady, what do they cost, how much do they understand."""

import time
from pathlib import Path
from typing import Any

from msgspec import Struct

from honeyguide.core.errors import BadInput
from honeyguide.inference.models.llama_process import LlamaProcess
from honeyguide.inference.models.store import Weights

# Read by everybody alike: the trial is about the weights, not about our question sets.
_SHOWN = (
    ("It works again, thank you so much!", "happy"), ("This is the third time it breaks.", "angry"),
    ("Brilliant help, we are delighted.", "happy"), ("Nobody answers. We want our money back.", "angry"),
)  # fmt: skip
_ASKED = (
    ("You saved our week, wonderful support.", "happy"), ("Still broken, and I am losing patience.", "angry"),
    ("Perfect, that solved everything.", "happy"), ("What a waste of time this tool is.", "angry"),
    ("Great service, we love it.", "happy"), ("Your update deleted our data, this is unacceptable.", "angry"),
)  # fmt: skip
_LABELS = ("happy", "angry")


class Trial(Struct, frozen=True):
    """What a trial found. `steady`: the same texts, asked again, gave the same numbers."""

    load_s: float
    memory_mb: float
    cpu_ms: float
    right: int
    asked: int
    steady: bool


async def trial(process: LlamaProcess, weights: Weights) -> Trial:
    """Load and ask. Raises Unavailable when the weights cannot be loaded, BadInput when they cannot be asked."""
    began = time.monotonic()
    process.start()
    loaded = time.monotonic() - began
    ask = _decisions if weights.kind == "decision" else _likelihoods
    once, again = ask(process), ask(process)
    right = sum(label == truth for label, (_, truth) in zip(once[0], _ASKED, strict=True))
    return Trial(loaded, _memory_mb(process.pid), again[2] / len(_ASKED), right, len(_ASKED), once[1] == again[1])


def _likelihoods(process: LlamaProcess) -> tuple[list[str], Any, float]:
    shown = "".join(f'Text: "{text}"\nmood: {label}\n\n' for text, label in _SHOWN)
    prefix = process.tokens([shown], start=True)[0]
    before, lead, *words = process.tokens(['Text: "', '"\nmood:', *(f" {label}" for label in _LABELS)])
    if words[0][0] == words[1][0]:
        raise BadInput("These weights cannot be asked.", "They write every word with the same first token.")
    reply = process.call({
        "op": "choose", "slot": 0, "prefix": prefix, "before": before, "after": [], "keep": [64, 1],
        "texts": [text for text, _ in _ASKED], "steps": [{"lead": lead, "words": [w[0] for w in words]}],
    })  # fmt: skip
    rows = [steps[0] for steps in reply["answers"]]
    # The model's lean is the same for every text: what counts is where a text stands among the others.
    lean = sorted(row[0] - row[1] for row in rows)
    middle = (lean[len(lean) // 2 - 1] + lean[len(lean) // 2]) / 2
    return [_LABELS[0] if row[0] - row[1] > middle else _LABELS[1] for row in rows], rows, reply["cpu_ms"]


def _decisions(process: LlamaProcess) -> tuple[list[str], Any, float]:
    labels, told, cpu_ms = [], [], 0.0
    question = {"type": "choice", "instructions": "How does the writer feel?", "criteria": dict.fromkeys(_LABELS)}
    for text, _ in _ASKED:
        reply = process.call({"op": "decisions", "body": {"state": text, "questions": {"mood": question}}})
        if "error" in reply["reply"]:
            raise BadInput("These weights answer no typed questions.", str(reply["reply"]["error"]))
        labels.append(reply["reply"]["answers"]["mood"]["choice"])
        told.append(reply["reply"]["answers"])
        cpu_ms += reply["cpu_ms"]
    return labels, told, cpu_ms


def _memory_mb(pid: int | None) -> float:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1_024 for line in lines if line.startswith("VmRSS")), 0.0)
