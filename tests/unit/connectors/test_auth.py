"""Signing in: every kind, tokens that turn over, authorisation in the browser; and secrets that stay secret."""

import asyncio
import base64
import contextlib
import hashlib
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from honeyguide.connectors import oauth
from honeyguide.connectors.probe import Prober
from honeyguide.connectors.session import session_of
from honeyguide.connectors.sync import sync_now
from honeyguide.core.errors import BadInput, HoneyguideError, Unavailable
from honeyguide.db import Database
from honeyguide.funnel import connections
from honeyguide.funnel.connections import TOKENS, Connection
from honeyguide.funnel.definitions import parse_definition
from honeyguide.funnel.definitions.spec import RequestSpec
from honeyguide.funnel.vault import Vault
from honeyguide.settings import Settings
from tests.unit.connectors.conftest import Connect
from tests.unit.connectors.seen import log_of
from tests.vendor import DEFINITION, Vendor

OAUTH = DEFINITION.replace(
    "auth: {kind: bearer, secret: token}",
    'auth: {kind: oauth2, authorize_url: "{config.base}/authorize", token_url: "{config.base}/token", scopes: [contacts.read, offline]}',
)


def with_auth(auth: str) -> str:
    return DEFINITION.replace("auth: {kind: bearer, secret: token}", f"auth: {auth}")


async def sent(
    db: Database, made: Connection, settings: Settings, acme: Vendor, text: str
) -> tuple[dict[str, str], dict[str, str]]:
    async with session_of(db, made, parse_definition(text), settings) as session:
        with contextlib.suppress(HoneyguideError):
            await session.ask(RequestSpec(path="/whatever"), {})
    _, _, query, headers = acme.asked[-1]
    return query, headers


CASES = [
    ("{kind: none}", {}, "authorization", None),
    ("{kind: bearer, secret: token}", {"token": "abc"}, "authorization", "Bearer abc"),
    ("{kind: bearer, secret: token, prefix: Token}", {"token": "abc"}, "authorization", "Token abc"),
    ("{kind: header, name: X-Key, secret: token}", {"token": "abc"}, "x-key", "abc"),
    ("{kind: header, name: X-Key, secret: token, value: 'Key {secret.token}'}", {"token": "abc"}, "x-key", "Key abc"),
]


@pytest.mark.parametrize(("auth", "secrets", "header", "value"), CASES)
async def test_each_way_of_signing_in(
    db: Database,
    settings: Settings,
    acme: Vendor,
    connect: Connect,
    auth: str,
    secrets: dict[str, str],
    header: str,
    value: str | None,
) -> None:
    made = await connect(with_auth(auth), secrets=secrets)
    _, headers = await sent(db, made, settings, acme, with_auth(auth))
    assert headers.get(header) == value


async def test_basic_and_query(db: Database, settings: Settings, acme: Vendor, connect: Connect) -> None:
    text = with_auth("{kind: basic, user: '{config.email}/token', password: '{config.key}'}").replace(
        "config:\n",
        "config:\n  email: {label: E-mail, required: true}\n  key: {label: Key, required: true, secret: true}\n",
    )
    made = await connect(text, {"base": acme.url, "email": "a@b.example"}, {"key": "k:1"})
    _, headers = await sent(db, made, settings, acme, text)
    assert base64.b64decode(headers["authorization"].split()[1]).decode() == "a@b.example/token:k:1"
    text = with_auth("{kind: query, name: api_key, secret: token}")
    query, _ = await sent(db, await connect(text, name="Query"), settings, acme, text)
    assert query["api_key"] == "t0"


async def test_client_credentials_are_renewed_when_refused(
    db: Database, workspace: int, settings: Settings, acme: Vendor, connect: Connect
) -> None:
    acme.add(*range(1, 16))
    text = with_auth('{kind: client_credentials, token_url: "{config.base}/token"}')
    made = await connect(text, {"base": acme.url, "client_id": "app"}, {"client_secret": "hush"})
    await sync_now(db, workspace, made.source_id, settings)
    assert len(await log_of(db, workspace)) == 15
    assert acme.issued == 1
    acme.tokens = {"revoked"}
    async with db.tx(workspace) as tx:
        await connections.request_sync(tx, made.source_id)
    await sync_now(db, workspace, made.source_id, settings)
    assert acme.issued == 2
    async with db.tx(workspace) as tx:
        assert (await connections.connection(tx, made.source_id)).state == "ok"


async def _authorised(db: Database, workspace: int, settings: Settings, acme: Vendor, connect: Connect) -> Connection:
    made = await connect(OAUTH, {"base": acme.url, "client_id": "app"}, {"client_secret": "hush"})
    url = await oauth.authorize_url(db, workspace, made.source_id, "ana@acme.example", settings)
    state = parse_qs(urlsplit(url).query)["state"][0]
    return await oauth.authorized(db, workspace, state, "right-code", "ana@acme.example", settings)


async def test_authorised_in_the_browser(
    db: Database, workspace: int, settings: Settings, acme: Vendor, connect: Connect
) -> None:
    acme.add(1)
    made = await connect(OAUTH, {"base": acme.url, "client_id": "app"}, {"client_secret": "hush"})
    tested = await Prober(db, settings).test(made)
    assert "has not been authorised yet" in tested.problem
    url = await oauth.authorize_url(db, workspace, made.source_id, "ana@acme.example", settings)
    asked = {k: v[0] for k, v in parse_qs(urlsplit(url).query).items()}
    assert url.startswith(f"{acme.url}/authorize?")
    assert asked["scope"] == "contacts.read offline"
    assert asked["redirect_uri"] == f"{settings.base_url}/oauth/callback"
    assert asked["code_challenge_method"] == "S256"
    for state, actor in (("hgo_guess", "ana@acme.example"), (asked["state"], "eve@acme.example")):
        with pytest.raises(BadInput, match="not begun here"):
            await oauth.authorized(db, workspace, state, "right-code", actor, settings)
    done = await oauth.authorized(db, workspace, asked["state"], "right-code", "ana@acme.example", settings)
    assert done.state == "new"
    with pytest.raises(BadInput):
        await oauth.authorized(db, workspace, asked["state"], "right-code", "ana@acme.example", settings)
    await sync_now(db, workspace, made.source_id, settings)
    assert len(await log_of(db, workspace)) == 1


async def test_a_wrong_code_leaves_it_unauthorised(
    db: Database, workspace: int, settings: Settings, acme: Vendor, connect: Connect
) -> None:
    made = await connect(OAUTH, {"base": acme.url, "client_id": "app"}, {"client_secret": "hush"})
    url = await oauth.authorize_url(db, workspace, made.source_id, "ana", settings)
    state = parse_qs(urlsplit(url).query)["state"][0]
    with pytest.raises(HoneyguideError, match="refused to give a token"):
        await oauth.authorized(db, workspace, state, "wrong", "ana", settings)
    async with db.tx(workspace) as tx:
        assert TOKENS not in await connections.credentials(tx, made.source_id, Vault.of(settings))


async def test_a_state_of_another_workspace_is_worth_nothing(
    db: Database, workspace: int, other_workspace: int, settings: Settings, acme: Vendor, connect: Connect
) -> None:
    made = await connect(OAUTH, {"base": acme.url, "client_id": "app"}, {"client_secret": "hush"})
    url = await oauth.authorize_url(db, workspace, made.source_id, "ana", settings)
    state = parse_qs(urlsplit(url).query)["state"][0]
    with pytest.raises(BadInput):
        await oauth.authorized(db, other_workspace, state, "right-code", "ana", settings)


def test_the_challenge_is_that_of_the_rfc() -> None:
    """RFC 7636, appendix B."""
    assert (
        oauth.challenge_of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
        == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    )


async def test_rotated_tokens_are_committed_before_they_are_used(
    db: Database, workspace: int, settings: Settings, acme: Vendor, connect: Connect
) -> None:
    acme.add(1)
    made = await _authorised(db, workspace, settings, acme, connect)
    acme.tokens = set()
    seen: list[Any] = []
    answer = acme.answer

    def watched(method: str, path: str, query: Any, headers: Any, body: bytes) -> Any:
        if path == "/contacts" and headers["authorization"].endswith("t2"):
            # On the vendor's side of the wire: what does our database hold at this very moment?
            seen.append(asyncio.run(_held()))
        return answer(method, path, query, headers, body)

    async def _held() -> Any:
        other = await Database.open(db._owner_dsn, size=1)
        try:
            async with other.tx(workspace) as tx:
                return (await connections.credentials(tx, made.source_id, Vault.of(settings)))[TOKENS]
        finally:
            await other.close()

    acme.answer = lambda *a: watched(*a)  # type: ignore[method-assign]
    acme.call_in_thread = True
    await sync_now(db, workspace, made.source_id, settings)
    assert [s["access_token"] for s in seen] == ["t2"]
    assert seen[0]["refresh_token"] == "r2"
    assert len(await log_of(db, workspace)) == 1


async def test_many_at_once_renew_once(
    db: Database, workspace: int, settings: Settings, acme: Vendor, connect: Connect
) -> None:
    """A refresh token that works once: two processes that both used it would lock the connection out."""
    acme.add(1)
    made = await _authorised(db, workspace, settings, acme, connect)
    acme.tokens = set()
    acme.pause_s = 0.02
    results = await asyncio.gather(*(Prober(db, settings).test(made) for _ in range(5)))
    assert [r.ok for r in results] == [True] * 5
    assert acme.issued == 2


async def test_a_refresh_token_that_is_gone_asks_a_person(
    db: Database, workspace: int, settings: Settings, acme: Vendor, connect: Connect
) -> None:
    made = await _authorised(db, workspace, settings, acme, connect)
    acme.tokens, acme.refresh = set(), "another"
    await sync_now(db, workspace, made.source_id, settings)
    async with db.tx(workspace) as tx:
        now = await connections.connection(tx, made.source_id)
    assert now.state == "needs_auth"
    assert "The refresh token was used before." in now.problem


async def test_no_secret_is_readable_in_the_database(
    db: Database, workspace: int, settings: Settings, acme: Vendor, connect: Connect
) -> None:
    made = await connect(secrets={"token": "very-secret-token"})
    async with db.tx(workspace) as tx:
        rows = await tx.rows(
            "select c::text as connection, s::text as source from connection c join source s "
            "on s.workspace_id = c.workspace_id and s.id = c.source_id where c.workspace_id = $1", workspace)  # fmt: skip
        assert "very-secret-token" not in str([dict(r) for r in rows])
        assert "hgw_" not in rows[0]["connection"]
        held = await connections.credentials(tx, made.source_id, Vault.of(settings))
    assert held["token"] == "very-secret-token"
    key = settings.data / "secret.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


async def test_a_lost_key_is_told_plainly_and_nothing_is_overwritten(
    db: Database, workspace: int, settings: Settings, acme: Vendor, connect: Connect
) -> None:
    made = await connect()
    kept = (settings.data / "secret.key").read_bytes()
    (settings.data / "secret.key").unlink()
    await sync_now(db, workspace, made.source_id, settings)
    async with db.tx(workspace) as tx:
        states = await connections.stream_states(tx, made.source_id)
        assert "key file" in states[0].problem
        assert "secret.key" in states[0].advice
    assert not (settings.data / "secret.key").exists(), "a new key would hide that the old one is missing"
    (settings.data / "secret.key").write_bytes(kept)
    tested = await Prober(db, settings).test(made)
    assert tested.ok


def keys(tmp_path: Path, value: str) -> Vault:
    return Vault.of(Settings.load({"HONEYGUIDE_DATA": str(tmp_path), "HONEYGUIDE_SECRET_KEY": value}))


def test_keys_are_changed_by_putting_the_new_one_first(tmp_path: Path) -> None:
    old, new = (base64.b64encode(hashlib.sha256(n).digest()).decode() for n in (b"1", b"2"))
    sealed = keys(tmp_path, old).seal({"a": 1})
    both = keys(tmp_path, f"{new}, {old}")
    assert both.open(sealed) == {"a": 1}
    assert keys(tmp_path, new).open(both.seal({"a": 2})) == {"a": 2}
    with pytest.raises(Unavailable, match="cannot be read"):
        keys(tmp_path, new).open(sealed)
    assert both.open(None) == {}


@pytest.mark.parametrize("bad", ["short", "=" * 44, "ä" * 32, base64.b64encode(b"x" * 31).decode()])
def test_a_key_that_is_none_is_refused(tmp_path: Path, bad: str) -> None:
    with pytest.raises(BadInput, match="HONEYGUIDE_SECRET_KEY"):
        keys(tmp_path, bad)


def test_two_processes_that_make_a_key_at_once_end_with_one(settings: Settings) -> None:
    def make() -> bytes:
        return Vault.of(settings).seal({"x": 1})

    sealed = [make() for _ in range(3)]
    pids: list[int] = []
    (settings.data / "secret.key").unlink()
    for _ in range(6):
        pid = os.fork()
        if pid == 0:
            try:
                Vault.of(settings).seal({"x": 1})
            finally:
                os._exit(0)
        pids.append(pid)
    for pid in pids:
        os.waitpid(pid, 0)
    assert len(sealed) == 3
    assert Vault.of(settings).open(Vault.of(settings).seal({"x": 2})) == {"x": 2}
    assert [f.name for f in settings.data.iterdir() if f.name.startswith("secret")] == ["secret.key"]


@pytest.mark.parametrize(
    ("config", "secrets", "says"),
    [
        ({}, {"token": "x"}, "needs: Address"),
        ({"base": "http://x"}, {}, "needs: Access token"),
        ({"base": "http://x", "colour": "red"}, {"token": "x"}, "does not ask for colour"),
        ({"base": "http://x"}, {"token": "x" * 9_000}, "no short text"),
    ],
)
async def test_answers_are_checked(
    db: Database,
    workspace: int,
    connect: Callable[..., Any],
    config: dict[str, str],
    secrets: dict[str, str],
    says: str,
) -> None:
    with pytest.raises(BadInput, match=says):
        await connect(config=config, secrets=secrets)
