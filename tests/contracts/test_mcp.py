"""Agents over the Model Context Protocol: a real client over both transports, keys, workspaces, and words that try to command."""

import asyncio
import json
import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import mcp
import pytest
import uvicorn
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client

from honeyguide.app import keeping
from honeyguide.mcp.questions import TOOLS
from honeyguide.mcp.shapes import NOTICE
from honeyguide.web.auth import create_api_key
from honeyguide.web.mcp_door import PATH
from tests.contracts.conftest import House

INITIALIZE = {
    "jsonrpc": "2.0", "id": 1, "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}},
}  # fmt: skip
ACCEPT = {"accept": "application/json, text/event-stream"}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def listening(house: House) -> AsyncIterator[str]:
    """The whole application on a real port."""
    port = _free_port()
    server = uvicorn.Server(uvicorn.Config(house.app, host="127.0.0.1", port=port, log_level="warning", lifespan="off"))
    task = asyncio.create_task(server.serve())
    while not server.started:  # uvicorn has no event to wait for
        await asyncio.sleep(0.02)
    yield f"http://127.0.0.1:{port}{PATH}"
    server.should_exit = True
    await task


@asynccontextmanager
async def agent(url: str, key: str) -> AsyncIterator[mcp.Client]:
    """A client with a key."""
    async with (
        httpx2.AsyncClient(headers={"authorization": f"Bearer {key}"}, timeout=30, trust_env=False) as http,
        mcp.Client(streamable_http_client(url, http_client=http), read_timeout_seconds=30, cache=None) as client,
    ):
        yield client


async def called(client: mcp.Client, name: str, **arguments: Any) -> dict[str, Any]:
    """A tool's structured answer."""
    result = await client.call_tool(name, arguments)
    assert not result.is_error, result.content
    found: dict[str, Any] = result.structured_content
    return found


async def refused(client: mcp.Client, name: str, **arguments: Any) -> str:
    """The words of a tool that could not answer."""
    result = await client.call_tool(name, arguments)
    assert result.is_error
    return " ".join(part.text for part in result.content if part.type == "text")


async def test_an_agent_asks_the_five_questions_over_http(house: House) -> None:
    await keeping.keep_day(house.db, house.ours.workspace)
    async with listening(house) as url, agent(url, house.ours.key) as client:
        listed = (await client.list_tools()).tools
        assert {t.name for t in listed} == set(TOOLS)
        assert len(TOOLS) == 5
        for tool in listed:
            assert tool.annotations is not None
            assert tool.annotations.read_only_hint
            assert tool.input_schema["additionalProperties"] is False
            assert tool.output_schema is not None
            assert tool.output_schema["type"] == "object"
        first = await called(client, "who_to_ask", limit=3)
        assert first["notice"] == NOTICE
        assert len(first["advocates"]) == 3
        person = first["advocates"][0]["person"]
        assert house.ours.word in person["name"]
        assert any("Rated 5/5" in s["sentence"] or "ated" in s["sentence"] for s in first["advocates"][0]["why"])
        assert first["advocates"][0]["what"]["offer"]
        assert first["advocates"][0]["when"]["at"] in ("now", None)
        rest = await called(client, "who_to_ask", limit=25, cursor=first["next_cursor"])
        seen = [a["person"]["id"] for a in (*first["advocates"], *rest["advocates"])]
        assert len(seen) == len(set(seen))
        assert rest["next_cursor"] is None
        why = await called(client, "why", person=f"#{person['id']}")
        assert why["person"]["id"] == person["id"]
        assert why["speaks_for"]
        offer = await called(client, "best_offer", person=f"#{person['id']}")
        assert offer["best"]["offer"]
        assert offer["basis"] == "open"
        assert (await called(client, "best_moment", person=f"#{person['id']}"))["past"] == {"support_success": 1}
        around = await called(client, "neighbourhood", entity=f"#{person['id']}", limit=2)
        assert len(around["edges"]) == 2
        more = await called(client, "neighbourhood", entity=f"#{person['id']}", limit=2, cursor=around["next_cursor"])
        assert {json.dumps(e) for e in more["edges"]}.isdisjoint(json.dumps(e) for e in around["edges"])


async def test_what_a_customer_wrote_is_marked_and_cannot_close_the_mark(house: House) -> None:
    async with listening(house) as url, agent(url, house.ours.key) as client:
        result = await client.call_tool("who_to_ask", {"limit": 25})
        proofs = [s["proof"] for a in result.structured_content["advocates"] for s in a["why"] if s["proof"]]
        quotes = [p["quote"] for p in proofs if p["quote"]]
        assert quotes
        assert all(q["untrusted"] is True for q in quotes)
        assert any("Brilliant" in q["text"] for q in quotes)
        text = next(part.text for part in result.content if part.type == "text")
        assert text.startswith("<untrusted-data>\n")
        assert text.endswith("\n</untrusted-data>")
        assert "<" not in text.removeprefix("<untrusted-data>").removesuffix("</untrusted-data>")
        inside = text.removeprefix("<untrusted-data>\n").removesuffix("\n</untrusted-data>")
        assert json.loads(inside) == result.structured_content


async def test_failures_tell_an_agent_what_to_do(house: House) -> None:
    async with listening(house) as url, agent(url, house.ours.key) as client:
        assert "No persona of this name" in await refused(client, "why", person="Nobody Atall")
        assert "Several have this name" in await refused(client, "best_offer", person=f"Ana {house.ours.word}")
        assert "less than or equal to 25" in await refused(client, "who_to_ask", limit=1_000_000)
        assert "Extra inputs" in await refused(client, "who_to_ask", workspace=house.theirs.workspace)
        assert "cursor" in await refused(client, "who_to_ask", cursor="bm90IG91cnM")
        assert "There is no tool" in await refused(client, "delete_everything")
        assert "No persona" in await refused(client, "why", person="'; drop table node; --")


async def test_a_key_opens_its_own_workspace_and_no_other(house: House) -> None:
    async with listening(house) as url:
        for own, other in ((house.ours, house.theirs), (house.theirs, house.ours)):
            async with agent(url, own.key) as client:
                said = []
                for name, arguments in (
                    ("who_to_ask", {"limit": 25}), ("why", {"person": f"#{own.persona}"}),
                    ("best_offer", {"person": f"#{own.persona}"}), ("best_moment", {"person": f"#{own.persona}"}),
                    ("neighbourhood", {"entity": f"#{own.persona}"}),
                ):  # fmt: skip
                    said.append(json.dumps(await called(client, name, **arguments)))
                assert all(own.word in words for words in said)
                assert not any(other.word.lower() in words.lower() for words in said)
                for name, argument in (("why", "person"), ("best_offer", "person"), ("neighbourhood", "entity")):
                    told = await refused(client, name, **{argument: f"#{other.persona}"})
                    assert other.word.lower() not in told.lower()


async def test_who_may_not_hears_why_before_any_tool(house: House) -> None:
    async with house.db.tx(house.ours.workspace) as tx:
        keys = {
            scope: await create_api_key(tx, f"mcp {scope}", [scope]) for scope in ("read", "write", "payouts", "sql")
        }
    async with house.visitor() as client:
        for scope, key in keys.items():
            answer = await client.post(PATH, json=INITIALIZE, headers=ACCEPT | {"authorization": f"Bearer {key}"})
            assert answer.status_code == (200 if scope == "read" else 403), (scope, answer.text)
        for headers in ({}, {"authorization": "Bearer hgk_no"}, {"authorization": "Basic aGk6aGk="}):
            answer = await client.post(PATH, json=INITIALIZE, headers=ACCEPT | headers)
            assert answer.status_code == 401
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.headers["www-authenticate"].startswith("Bearer")
        read = {"authorization": f"Bearer {keys['read']}"}
        for method in ("GET", "DELETE", "PUT"):
            answer = await client.request(method, PATH, headers=ACCEPT | read)
            assert answer.status_code == 405
            assert answer.headers["allow"] == "POST"
        assert (
            await client.post(PATH, content=b"{", headers=ACCEPT | read | {"content-type": "application/json"})
        ).status_code == 400
        large = {"content-type": "application/json"}
        assert (await client.post(PATH, content=b" " * 300_000, headers=ACCEPT | read | large)).status_code == 413
    owner = await house.roles["owner"].post(PATH, json=INITIALIZE, headers=ACCEPT)
    assert owner.status_code == 401  # a browser's session is no key


async def test_a_caller_that_floods_is_told_to_wait(house: House) -> None:
    async with house.db.tx(house.ours.workspace) as tx:
        key = await create_api_key(tx, "mcp flood", ["read"])
    async with house.visitor() as client:
        headers = ACCEPT | {"authorization": f"Bearer {key}"}
        codes = [(await client.get(PATH, headers=headers)).status_code for _ in range(130)]
        assert codes.count(429) >= 5
        last = await client.get(PATH, headers=headers)
        assert int(last.headers["retry-after"]) >= 1


async def test_an_agent_starts_the_command_itself(house: House, dsn: str) -> None:
    """`honeyguide mcp` over the standard streams, as a client's configuration starts it."""
    async with house.db.tx(house.ours.workspace) as tx:
        slug = await tx.value("select slug from workspace where id = $1", house.ours.workspace)
    env = {k: v for k, v in os.environ.items() if not k.startswith("HONEYGUIDE")} | {"DATABASE_URL": dsn}
    command = [sys.executable, "-m", "honeyguide.cli"]
    server = StdioServerParameters(command=command[0], args=[*command[1:], "mcp", "--workspace", slug], env=env)
    async with mcp.Client(stdio_client(server), read_timeout_seconds=60, cache=None) as client:
        assert client.server_info is not None
        assert client.server_info.name == "honeyguide"
        found = await called(client, "who_to_ask", limit=2)
        assert house.ours.word in json.dumps(found)
        assert house.theirs.word not in json.dumps(found)
        assert "No persona" in await refused(client, "why", person=f"#{house.theirs.persona}")


async def test_nothing_is_answered_without_a_checked_caller(house: House) -> None:
    """The application behind the door refuses a scope no door has marked."""
    from honeyguide import mcp as ours  # noqa: PLC0415  # beside the client library of the same name

    app = ours.app(house.db)
    with pytest.raises(PermissionError):
        await app({"type": "http", "state": {}}, None, None)  # type: ignore[arg-type]  # never reached
    await app.close()
