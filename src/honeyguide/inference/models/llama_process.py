"""The model process as others see it: started when first asked, restarted when it dies, gone when we are gone.

It runs below everything else (nice) on one thread: a language model must never take the machine from the product.
"""

import json
import os
import secrets
import select
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

from honeyguide.core.errors import BadInput, Unavailable

_PROGRAM = Path(__file__).with_name("llama_child.py")
_START_S, _PAUSES_S = 120.0, (0.0, 1.0, 5.0, 30.0, 120.0)


class LlamaProcess:
    """llama.cpp with one set of weights in a process of its own. Thread-safe; one request at a time.

    `slots` prompts' prefixes of up to `context` tokens are kept at once (23 KB a token with the default weights). After
    `idle_s` without a request it ends by itself and starts again with the next.
    """

    def __init__(
        self, weights: Path, *, threads: int = 1, slots: int = 4, context: int = 2_304, nice: int = 15,
        patience_s: float = 600.0, idle_s: float = 600.0,
    ) -> None:  # fmt: skip
        self.weights, self.slots, self.context = weights, slots, context
        self._settings = {
            "weights": str(weights), "threads": threads, "slots": slots, "context": context, "nice": nice,
            "idle_s": idle_s,
        }  # fmt: skip
        self._patience_s = patience_s
        self._turn = threading.RLock()
        self._child: subprocess.Popen[bytes] | None = None
        self._words: IO[bytes] | None = None
        self._rest = b""
        self._deaths, self._not_before = 0, 0.0
        self._prefixes: dict[int, str] = {}
        self.address, self.key, self.starts = "", "", 0

    @property
    def pid(self) -> int | None:
        """Of the running process; None when there is none."""
        return self._child.pid if self._child is not None and self._child.poll() is None else None

    def start(self) -> None:
        """Start it if it does not run, so that `address` (OpenAI's wire format, with `key`) answers. Raises Unavailable."""
        with self._turn:
            if self.pid is None:
                self._start()

    def call(self, asked: dict[str, Any]) -> dict[str, Any]:
        """One request. A process that died is started again once for it. Raises Unavailable, BadInput for what it refuses."""
        with self._turn:
            for last in (False, True):
                self.start()
                try:
                    found = self._exchange(asked)
                except _Died as e:
                    self._bury(e.why)
                    if last:
                        raise self._gone(e.why) from e
                else:
                    self._deaths = 0
                    if "error" in found:
                        raise BadInput("The local model refused a request.", str(found["error"]))
                    return found
        raise AssertionError("unreachable")

    def tokens(self, texts: Sequence[str], *, start: bool = False) -> list[list[int]]:
        """Token ids of texts, `start` with the model's begin-of-text token."""
        found: list[list[int]] = self.call({"op": "tokens", "texts": list(texts), "start": start})["tokens"]
        return found

    def slot_of(self, key: str) -> int:
        """The slot that keeps the prefix of this key; the longest unused one is given up for a new key."""
        with self._turn:
            for slot, kept in self._prefixes.items():
                if kept == key:
                    self._prefixes[slot] = self._prefixes.pop(slot)
                    return slot
            slot = len(self._prefixes) if len(self._prefixes) < self.slots else next(iter(self._prefixes))
            self._prefixes.pop(slot, None)
            self._prefixes[slot] = key
            return slot

    def close(self) -> None:
        """End it. It starts again when asked."""
        with self._turn:
            child, self._child = self._child, None
            if child is None:
                return
            for stream in (child.stdin, child.stdout):
                if stream:
                    stream.close()
            try:
                child.wait(5)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
            if self._words:
                self._words.close()

    def _start(self) -> None:
        if time.monotonic() < self._not_before:
            raise self._gone("it ended again and again")
        if not self.weights.is_file():
            raise Unavailable("The local model's weights are not there.", str(self.weights))
        self.close()
        self.key, self._rest = secrets.token_urlsafe(24), b""
        self._words = tempfile.TemporaryFile()  # noqa: SIM115  # lives as long as the process
        environment = {**os.environ, "HONEYGUIDE_MODEL_PROCESS_KEY": self.key}
        self._child = subprocess.Popen(
            [sys.executable, "-I", str(_PROGRAM), json.dumps(self._settings)], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=self._words, env=environment, bufsize=0,
        )  # fmt: skip
        self.starts += 1
        try:
            said = self._line(_START_S)
        except _Died as e:
            self._bury(e.why)
            raise self._gone(e.why) from e
        if "error" in said:
            self._bury(said["error"])
            raise Unavailable(
                "The local model cannot be loaded.", f"{self.weights.name}: {said['error']}",
                advice="`honeyguide model test` tries it; rules and embeddings answer without it.",
            )  # fmt: skip
        self.address = said["address"]

    def _exchange(self, asked: dict[str, Any]) -> dict[str, Any]:
        child = self._child
        if child is None or child.stdin is None:
            raise _Died("it is not running")
        try:
            line = memoryview(json.dumps(asked).encode() + b"\n")
            while line:
                line = line[child.stdin.write(line) or 0 :]
        except OSError as e:
            raise _Died(self._last_words()) from e
        return self._line(self._patience_s)

    def _line(self, patience_s: float) -> dict[str, Any]:
        child = self._child
        if child is None or child.stdout is None:
            raise _Died("it is not running")
        deadline = time.monotonic() + patience_s
        while b"\n" not in self._rest:
            ready, _, _ = select.select([child.stdout], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                raise _Died(f"it gave no answer in {patience_s:g} s")
            piece = os.read(child.stdout.fileno(), 1 << 16)
            if not piece:
                raise _Died(self._last_words())
            self._rest += piece
        line, _, self._rest = self._rest.partition(b"\n")
        found: dict[str, Any] = json.loads(line)
        return found

    def _bury(self, why: str) -> None:
        child = self._child
        if child is not None and child.poll() is None:
            child.kill()
        self.close()
        self._not_before = time.monotonic() + _PAUSES_S[min(self._deaths, len(_PAUSES_S) - 1)]
        self._deaths += 1

    def _last_words(self) -> str:
        code = self._child.wait(5) if self._child is not None else None
        if self._words is None or self._words.closed:
            return f"it ended (exit {code})"
        self._words.seek(0)
        lines = self._words.read().decode("utf-8", "replace").strip().splitlines()
        return f"it ended (exit {code}){': ' + lines[-1][:200] if lines else ''}"

    @staticmethod
    def _gone(why: str) -> Unavailable:
        return Unavailable(
            "The local model's process is not running.", f"Last: {why}.", advice="It is tried again later."
        )


class _Died(Exception):
    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why
