"""A hosted model puts a draft into other words over HTTP: what is sent, what it costs, and what we make of the answer."""

import json
from typing import Any

import msgspec
import pytest
from pydantic_ai import models

from honeyguide.app.rewording import Rewording
from honeyguide.db import Database
from honeyguide.decisions.messages import LINK, Brand, Refused, Rewritten
from honeyguide.decisions.messages.rewriting import masked
from honeyguide.decisions.situation import Detail
from honeyguide.inference import spend_tables
from honeyguide.inference.budget import set_budget, today
from honeyguide.settings import Settings
from tests.contracts.model_vendors import VendorServer, vendor
from tests.unit.decisions.messages.letters import PROOF, written

BRAND = Brand(never=("hiccup",), note="We say customers, never users.")
DRAFT = written(name="Grace Hopper", workspace="Initech", details=(Detail("power_user", "Atlas", 0.9, PROOF),))


@pytest.fixture(autouse=True)
def real_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "ALLOW_MODEL_REQUESTS", True)


def settings_of(server: VendorServer, which: str = "openai", price: str = "0.25/2.00") -> Settings:
    name = {"openai": "openai:gpt-5-mini", "anthropic": "anthropic:claude-haiku-5-5"}[which]
    url = f"{server.url}/v1" if which == "openai" else server.url
    return msgspec.structs.replace(
        Settings.load({}), hosted_model=name, hosted_base_url=url, hosted_key="k", hosted_price=price
    )


def answer(subject: str = "", change: tuple[str, str] = ("", "")) -> str:
    shown = masked(DRAFT, BRAND)
    assert shown is not None
    return json.dumps(
        {"subject": subject or shown.subject, "body": shown.body.replace(*change) if change[0] else shown.body}
    )


async def _spent(db: Database, workspace: int) -> Any:
    async with db.tx(workspace) as tx:
        return await spend_tables.spent(tx, today(), ("hosted_model",))


@pytest.mark.parametrize("which", ["openai", "anthropic"])
async def test_other_words_over_both_wire_formats(db: Database, workspace: int, which: str) -> None:
    with vendor() as server:
        server.said = answer("So glad we could help, [[first_name]]", ("Thank you for", "We are grateful for"))
        made = await Rewording(db, settings_of(server, which))(workspace, DRAFT, BRAND)
        assert isinstance(made, Rewritten), made
        assert made.draft.subject == "So glad we could help, Grace"
        assert "We are grateful for the good rating" in made.draft.body
        assert made.draft.body.count(LINK) == 1
        assert made.draft.disclosure == ""  # its slots are gone, its words are not
        assert DRAFT.disclosure in made.draft.body
        assert made.model.startswith(f"{which}:")
        assert len(server.seen) == 1
        sent = json.dumps(server.seen[0])
        assert "We say customers, never users." in sent
        for secret in ("Grace", "Hopper", "Initech", "Atlas", "100", "{{ link }}"):
            assert secret not in sent
    spent = await _spent(db, workspace)
    assert spent.tokens_in > 100
    assert 0 < spent.cost_micros < 10_000


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ("no JSON at all", "no usable answer"), ("{}", "no usable answer"), (json.dumps({"subject": "x"}), "no usable answer"),
        (json.dumps({"subject": "Glad we could help", "body": "Visit evil.example"}), "words of its own"),
        (json.dumps({"subject": "Glad we could help", "body": "", "extra": 1}), "no usable answer"),
    ],
)  # fmt: skip
async def test_nonsense_leaves_the_draft_and_is_paid_for(db: Database, workspace: int, said: str, says: str) -> None:
    with vendor() as server:
        server.said = said
        made = await Rewording(db, settings_of(server))(workspace, DRAFT, BRAND)
    assert isinstance(made, Refused)
    assert says in made.reason
    assert (await _spent(db, workspace)).tokens_in > 0


async def test_a_model_that_obeys_somebody_else_is_refused(db: Database, workspace: int) -> None:
    with vendor() as server:
        server.said = answer(change=("[[disclosure]] ", ""))
        made = await Rewording(db, settings_of(server))(workspace, DRAFT, BRAND)
    assert isinstance(made, Refused)
    assert made.code == "marks"


async def test_a_spent_budget_asks_nobody(db: Database, workspace: int) -> None:
    with vendor() as server:
        async with db.tx(workspace) as tx:
            await set_budget(tx, "mara", tokens=10)
        made = await Rewording(db, settings_of(server))(workspace, DRAFT, BRAND)
        assert isinstance(made, Refused)
        assert "budget" in made.reason
        assert server.seen == []


@pytest.mark.parametrize("status", [429, 500, 401])
async def test_an_endpoint_that_fails_leaves_the_draft(db: Database, workspace: int, status: int) -> None:
    with vendor() as server:
        server.status = status
        made = await Rewording(db, settings_of(server))(workspace, DRAFT, BRAND)
        assert isinstance(made, Refused)
        assert len(server.seen) == 1  # no second try


async def test_without_a_model_the_draft_stays(db: Database, workspace: int) -> None:
    for name in ("", "system-one:decider", "nobody:x"):
        made = await Rewording(db, msgspec.structs.replace(Settings.load({}), hosted_model=name))(
            workspace, DRAFT, BRAND
        )
        assert isinstance(made, Refused)
        assert made.code == "absent"
