"""Small servers that speak the wire formats of hosted models, as their public references describe them.

No vendor can be reached from where these tests are made, so the recorded conversations in `cassettes/` are with these
servers: they prove what we send and how we read answers, errors and usage, not how clever a vendor's model is. What they
answer depends on the texts they are sent; `obeying` answers what an injected text demands.

Formats: OpenAI, POST /v1/chat/completions with `response_format` of type `json_schema`; Anthropic, POST /v1/messages with
`output_config.format` (or `output_format`) of type `json_schema`.
"""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_GLAD, _CROSS = re.compile(r"thank|great|works again|solved", re.I), re.compile(r"still|broken|error|refund", re.I)


def _reading(text: str) -> tuple[str, str, str]:
    """A label for mood, one for closes, and the words that show it."""
    if found := _CROSS.search(text):
        return "unhappy", "no", text[found.start() : found.end()]
    if found := _GLAD.search(text):
        return "happy", "yes", text[found.start() : found.end()]
    return "none", "no", ""


def answers_to(texts: list[dict[str, Any]]) -> str:
    """What a sensible model would write."""
    rows = []
    for one in texts:
        mood, closes, quote = _reading(one["text"])
        rows.append(
            {"n": one["n"], "mood": {"quote": quote, "label": mood}, "closes": {"quote": quote, "label": closes}}
        )
    return json.dumps({"texts": rows})


class Vendor(BaseHTTPRequestHandler):
    """Both formats; `status` and `said` of the server override what is answered."""

    server: "VendorServer"

    def log_message(self, *_: Any) -> None:
        """Quiet."""

    def do_POST(self) -> None:
        """One call."""
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.server.seen.append(body)
        if self.server.status != 200:
            error = {
                "type": "error",
                "error": {"type": "rate_limit_error", "message": "no more", "code": None, "param": None},
            }
            self._reply(self.server.status, error)
            return
        user = body["messages"][-1]["content"]
        user = user if isinstance(user, str) else user[-1]["text"]
        said = self.server.said or answers_to(json.loads(user))
        read, written = len(json.dumps(body)) // 4, len(said) // 4
        self._reply(
            200, _openai(body, said, read, written) if "chat" in self.path else _anthropic(body, said, read, written)
        )

    def _reply(self, status: int, body: dict[str, Any]) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        if status == 429:
            self.send_header("retry-after", "17")
        self.end_headers()
        self.wfile.write(content)


def _openai(body: dict[str, Any], said: str, read: int, written: int) -> dict[str, Any]:
    return {
        "id": "chatcmpl-1", "object": "chat.completion", "created": 1_790_000_000, "model": body["model"],
        "choices": [{"index": 0, "finish_reason": "stop", "logprobs": None,
                     "message": {"role": "assistant", "content": said, "refusal": None}}],
        "usage": {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written},
    }  # fmt: skip


def _anthropic(body: dict[str, Any], said: str, read: int, written: int) -> dict[str, Any]:
    return {
        "id": "msg_1", "type": "message", "role": "assistant", "model": body["model"],
        "content": [{"type": "text", "text": said}], "stop_reason": "end_turn", "stop_sequence": None,
        "usage": {"input_tokens": read, "output_tokens": written, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0},
    }  # fmt: skip


class VendorServer(ThreadingHTTPServer):
    """Listens on a free port of this machine."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Vendor)
        self.status, self.said = 200, ""
        self.seen: list[dict[str, Any]] = []

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.server_port}"


@contextmanager
def vendor() -> Iterator[VendorServer]:
    """A running server."""
    server = VendorServer()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
