"""Being authorised by a vendor: OAuth 2.0 with PKCE (RFC 7636) and a state word that works once.

The verifier and the state are made here and kept in the database (sealed, and as a digest); the browser only carries the
state. Whoever began it must be the one who comes back.
"""

import base64
import hashlib
import secrets as randomness
from datetime import timedelta
from urllib.parse import urlencode

from honeyguide.connectors.auth import ask_tokens
from honeyguide.connectors.session import opened_session
from honeyguide.connectors.templates import text_of
from honeyguide.core import clock
from honeyguide.core.errors import BadInput
from honeyguide.core.ids import digest, new_token
from honeyguide.db import Database
from honeyguide.funnel import connection_tables as tables
from honeyguide.funnel import connections
from honeyguide.funnel.connections import Connection
from honeyguide.funnel.vault import Vault
from honeyguide.settings import Settings

CALLBACK = "/oauth/callback"
MINUTES = 10


async def authorize_url(db: Database, workspace_id: int, source_id: int, actor: str, settings: Settings) -> str:
    """Begin: where to send the browser. Raises BadInput when the connector is not authorised that way."""
    async with opened_session(db, workspace_id, source_id, settings) as session:
        spec = session.definition.auth
        if session.auth.kind != "oauth2":
            raise BadInput(f"{session.definition.label} is not authorised in the browser.", "It takes a token.")
        state, verifier = new_token("hgo"), randomness.token_urlsafe(48)
        redirect_uri, now = settings.base_url + CALLBACK, clock.now()
        async with db.tx(workspace_id) as tx:
            sealed = Vault.of(settings).seal({"verifier": verifier})
            until = now + timedelta(minutes=MINUTES)
            await tables.insert_flow(tx, digest(state), source_id, actor, sealed, redirect_uri, now, until)
        scopes = spec.get("scopes", [])
        query = {
            "response_type": "code", "client_id": str(session.root["config"].get("client_id", "")),
            "redirect_uri": redirect_uri, "scope": " ".join(scopes) if isinstance(scopes, list) else str(scopes),
            "state": state, "code_challenge": challenge_of(verifier), "code_challenge_method": "S256",
            **{str(k): str(v) for k, v in dict(spec.get("params", {})).items()},
        }  # fmt: skip
        where = text_of(str(spec["authorize_url"]), session.root)
        return f"{where}{'&' if '?' in where else '?'}{urlencode({k: v for k, v in query.items() if v})}"


async def authorized(
    db: Database, workspace_id: int, state: str, code: str, actor: str, settings: Settings
) -> Connection:
    """End: take the code for tokens, keep them, and let the connection sync. Raises BadInput on a state that is not ours
    (unknown, used, too old, or begun by somebody else), VendorProblem when the vendor refuses the code.
    """
    async with db.tx(workspace_id) as tx:
        flow = await tables.use_flow(tx, digest(state), actor, clock.now())
    if flow is None:
        raise BadInput(
            "This authorisation was not begun here, or has ended.", f"It works once, within {MINUTES} minutes, for who began it.",
            advice="Press Authorise again.", code="oauth_state",
        )  # fmt: skip
    vault = Vault.of(settings)
    async with opened_session(db, workspace_id, flow["source_id"], settings) as session:
        form = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": flow["redirect_uri"],
            "code_verifier": str(vault.open(flow["verifier"])["verifier"]),
        }  # fmt: skip
        tokens = await ask_tokens(session.web, session.definition.label, session.definition.auth, session.root, form)
    async with db.tx(workspace_id) as tx:
        await connections.keep_tokens(tx, flow["source_id"], tokens, vault)
        return await connections.resume(tx, flow["source_id"])


def challenge_of(verifier: str) -> str:
    """The S256 challenge of a verifier (RFC 7636, section 4.2)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
