"""The program of the model process: llama.cpp on one thread, spoken to in JSON lines over its standard streams.

Run by path, isolated (`python -I llama_child.py SETTINGS`), so that it carries nothing but xllamacpp. It ends when its
standard input is closed: when whoever started it is gone, however that came about.

A prompt's prefix (instructions and examples) is computed once per slot and kept. To give the same numbers every time,
a text is always computed on top of exactly that prefix: never in one batch with it, never on what a text before left.
"""

import contextlib
import json
import math
import os
import queue
import signal
import sys
import threading
import time
import urllib.request
from typing import Any

import xllamacpp

Json = dict[str, Any]
_BIAS = 100.0  # lifts the label words over everything else; equal for all, so their proportions stay


def _server(settings: Json) -> Any:
    params = xllamacpp.CommonParams()
    params.model.path = settings["weights"]
    params.n_parallel = settings["slots"]
    params.n_ctx = settings["slots"] * settings["context"]
    params.kv_unified = False
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = settings["threads"]
    params.n_gpu_layers = 0
    params.hostnames, params.port = ["127.0.0.1"], 0
    params.api_keys = [settings["key"]]
    params.n_threads_http, params.cache_ram_mib, params.verbosity = 2, 0, 0
    params.swa_full = True
    params.ui = params.warmup = False
    return xllamacpp.Server(params)


class Model:
    """A loaded model: what the operations below work on."""

    def __init__(self, settings: Json) -> None:
        self._server, self._key = _server(settings), settings["key"]
        self.address = self._server.listening_address
        self._kept: dict[int, list[int]] = {}

    def tokens(self, text: str, *, start: bool = False) -> list[int]:
        """Token ids of a text. Control sequences in it are plain characters: a text commands nothing."""
        body = {"content": text, "parse_special": False, "add_special": start}
        request = urllib.request.Request(  # noqa: S310  # our own address, on this machine
            self.address + "/tokenize", json.dumps(body).encode(),
            {"Content-Type": "application/json", "Authorization": f"Bearer {self._key}"},
        )  # fmt: skip
        with urllib.request.urlopen(request, timeout=30) as reply:  # noqa: S310
            found: list[int] = json.loads(reply.read())["tokens"]
        return found

    def _keep(self, slot: int, prefix: list[int]) -> None:
        """Bring a slot to exactly this prefix, its last token computed alone."""
        if self._kept.get(slot) != prefix:
            self._complete(slot, prefix, cache_prompt=False)
            self._kept[slot] = prefix
        self._complete(slot, prefix)

    def _complete(self, slot: int, prompt: list[int], **more: Any) -> Json:
        body = {"prompt": prompt, "id_slot": slot, "n_predict": 0, "cache_prompt": True, "seed": 1, **more}
        found: Json = self._server.handle_completions(body)
        if "error" in found:
            self._kept.pop(slot, None)
            raise ValueError(str(found["error"].get("message", found["error"])))
        return found

    def _likelihoods(self, slot: int, prompt: list[int], words: list[int]) -> list[float]:
        """Natural logarithms of the words' shares in the next token."""
        found = self._complete(
            slot, prompt, n_predict=1, n_probs=len(words), post_sampling_probs=True,
            logit_bias=[[w, _BIAS] for w in words], samplers=["top_k", "temperature"], top_k=len(words), temperature=1.0,
        )  # fmt: skip
        top = found["choices"][0]["logprobs"]["content"][0]["top_probs"]
        shares = {entry["id"]: float(entry["prob"]) for entry in top}
        return [math.log(max(shares.get(w, 0.0), 1e-9)) for w in words]

    def choose(self, asked: Json) -> Json:
        """For each item and each step: the logarithms of the label words' shares.

        Every step is asked on its own on top of prefix and text: no answer leans on another. The text is computed once.
        """
        slot, prefix = asked["slot"], asked["prefix"]
        head, tail = asked["keep"]
        answers, cut, count = [], [], 0
        for text in asked["texts"]:
            try:
                rows, long, used = self._read(asked, slot, prefix, head, tail, text)
            except (ValueError, OSError):
                rows, long, used = None, False, 0  # a text it cannot take costs the others nothing
            answers.append(rows)
            cut.append(long)
            count += used
        return {"answers": answers, "cut": cut, "tokens": count}

    def _read(
        self, asked: Json, slot: int, prefix: list[int], head: int, tail: int, text: str
    ) -> tuple[list[list[float]] | None, bool, int]:
        words = self.tokens(text)
        long = len(words) > head + tail
        if long:
            words = words[:head] + words[-tail:]
        self._keep(slot, prefix)
        prompt = prefix + asked["before"] + words + asked["after"]
        rows = [self._likelihoods(slot, prompt + s["lead"], s["words"]) for s in asked["steps"]]
        return rows, long, len(prompt) + sum(len(s["lead"]) for s in asked["steps"])

    def decisions(self, body: Json) -> Json:
        """The System One wire shape, answered by a decision model; an ordinary model answers with its refusal."""
        found: Json = self._server.handle_systemone(body)
        return found

    def answer(self, asked: Json) -> Json:
        """One request."""
        if asked["op"] == "tokens":
            return {"tokens": [self.tokens(t, start=bool(asked.get("start"))) for t in asked["texts"]]}
        if asked["op"] == "decisions":
            return {"reply": self.decisions(asked["body"])}
        return self.choose(asked)


def _listen(lines: "queue.Queue[bytes]") -> None:
    for line in sys.stdin.buffer:
        lines.put(line)
    os._exit(0)


def _say(found: Json) -> None:
    sys.stdout.buffer.write(json.dumps(found).encode() + b"\n")
    sys.stdout.buffer.flush()


def main() -> None:
    """Load, say so, answer one line after the other."""
    settings = json.loads(sys.argv[1])
    settings["key"] = os.environ.pop("HONEYGUIDE_MODEL_PROCESS_KEY", "")
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(OSError):
        os.nice(settings["nice"])
    lines: queue.Queue[bytes] = queue.Queue()
    threading.Thread(target=_listen, args=(lines,), daemon=True).start()
    try:
        model = Model(settings)
    except RuntimeError as e:
        _say({"error": str(e)})
        sys.exit(1)
    _say({"address": model.address})
    while True:
        try:
            asked = json.loads(lines.get(timeout=settings["idle_s"]))
        except queue.Empty:
            sys.exit(0)  # nobody asks: the memory is given back until somebody does
        began = time.process_time()
        try:
            found = model.answer(asked)
        except (ValueError, KeyError, OSError) as e:
            found = {"error": f"{type(e).__name__}: {e}"}
        _say(found | {"cpu_ms": 1000 * (time.process_time() - began)})


if __name__ == "__main__":
    main()
