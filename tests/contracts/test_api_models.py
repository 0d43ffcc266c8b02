"""The models by the API and what may leave: who sees it, who changes it, and that it is kept per workspace."""

import pytest

from honeyguide.app import doctor
from honeyguide.core.errors import BadInput
from honeyguide.db import Database, audit
from honeyguide.inference import consent
from honeyguide.settings import Settings
from tests.contracts.conftest import House


async def test_models_and_consent_by_the_api(house: House) -> None:
    client = house.roles["owner"]
    answer = await client.get("/api/inference/models")
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert set(told) == {"embedding", "local", "hosted"}
    assert told["embedding"]["state"] == "ready"
    assert told["hosted"] | {"works_without": ""} == {
        "name": "", "state": "absent", "progress": None, "problem": "", "works_without": "", "allowed": [],
    }  # fmt: skip
    async with house.db.tx(house.ours.workspace) as tx:
        await consent.allow_hosted(tx, ["note"], "test")
    assert (await client.get("/api/inference/models")).json()["hosted"]["allowed"] == ["note"]
    assert (await house.roles["finance"].get("/api/inference/models")).status_code == 200


async def test_nothing_may_leave_until_it_is_said(db: Database, workspace: int, other_workspace: int) -> None:
    async with db.tx(workspace) as tx:
        assert await consent.hosted_kinds(tx) == frozenset()
        assert await consent.allow_hosted(tx, ["ticket", "mail"], "cli:ana") == {"ticket", "mail"}
        with pytest.raises(BadInput, match="no kind of text"):
            await consent.allow_hosted(tx, ["passwords"], "cli:ana")
    async with db.tx(workspace) as tx:
        assert await consent.hosted_kinds(tx) == {"ticket", "mail"}
        assert [e["action"] for e in await audit.about(tx, f"workspace:{workspace}")] == ["inference.consent"]
        assert await consent.allow_hosted(tx, [], "cli:ana") == frozenset()
    async with db.tx(other_workspace) as tx:
        assert await consent.hosted_kinds(tx) == frozenset()


def test_the_doctor_tells_what_is_wrong_and_what_is_only_absent(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = {f.title: f for f in doctor._models(settings)}
    assert lines["model, local"].verdict == "good"
    assert "absent" in lines["model, local"].detail
    assert lines["model, local"].advice
    wrong = Settings.load({"HONEYGUIDE_DATA": str(settings.data), "HONEYGUIDE_HOSTED_MODEL": "openai:gpt-5-mini"})
    found = {f.title: f for f in doctor._models(wrong)}["model, hosted"]
    assert found.verdict == "warn"
    assert "HONEYGUIDE_HOSTED_KEY is not set" in found.detail
