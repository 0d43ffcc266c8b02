"""Every enricher keeps the port's promises; consent, budget and cache hold; answers are evidence in the log."""

import itertools
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from honeyguide import enrichment
from honeyguide.app import road
from honeyguide.app.replay import replay
from honeyguide.core.errors import BadInput, Unavailable
from honeyguide.db import Database
from honeyguide.enrichment import Consent, Enricher, Finding, Known, Provider, ProviderSpec
from honeyguide.graph.kinds import EDGE
from tests.unit.funnel.carrying import count, product, send

ME = "ana@acme.example"
SPEC = ProviderSpec("Registry", "https://registry.example/v1/{domain}", {"industry": "company.sector", "employees": "size"},
                    "CC-BY-4.0", per_day=2)  # fmt: skip
ODD = ["", " ", "\x00", "@", "a@", "@b", "ana@acme", "ünï@cödé.example", "x" * 5_000, "null", "+", "+00", "+1", "0" * 30,
       "<script>", "{domain}", "../..", "a@b.c@d.e", "\ud800"]  # fmt: skip


class _Asked:
    """A provider's side: answers, and counts how often it was asked."""

    def __init__(self, answer: Any = None) -> None:
        self.urls: list[str] = []
        self.answer = answer if answer is not None else {"company": {"sector": "Software"}, "size": 40, "secret": "x"}

    async def __call__(self, url: str) -> bytes | None:
        self.urls.append(url)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer if isinstance(self.answer, bytes) else msgspec.json.encode(self.answer)


@pytest.fixture(params=["mail-domains", "titles", "countries", "provider"])
async def enricher(request: pytest.FixtureRequest, db: Database, workspace: int) -> AsyncIterator[Enricher]:
    offline = {e.name: e for e in enrichment.OFFLINE}
    if request.param in offline:
        yield offline[request.param]
    else:
        yield Provider(db, workspace, msgspec.structs.replace(SPEC, per_day=10_000), _Asked())


async def test_conformance(enricher: Enricher) -> None:
    """Odd input gives no error, findings are whole, and the same input gives the same answer."""
    assert enricher.name == enricher.name.strip() != ""
    for kind, (text, other) in itertools.product(("persona", "company"), zip(ODD, reversed(ODD), strict=True)):
        known = Known(text, other, text, other, text, {"title": text})
        found = await enricher.enrich(kind, known)  # type: ignore[arg-type]
        assert found == await enricher.enrich(kind, known)  # type: ignore[arg-type]
        _whole(found)
    good = Known("ana@acme.co.uk", "acme.co.uk", "+49 30 901820", "Head of Support", "Acme", {})
    person, company = await enricher.enrich("persona", good), await enricher.enrich("company", good)
    assert person + company
    _whole(person)
    _whole(company)


def _whole(found: list[Finding]) -> None:
    for one in found:
        assert one.field
        assert one.source
        assert one.licence
        assert 0 < one.confidence < 1
        assert isinstance(one.value, str | int | float | bool)
        assert one.value != ""
    assert len({f.field for f in found}) == len(found)


async def _said(kind: str, **known: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for one in enrichment.OFFLINE:
        found |= {f.field: f.value for f in await one.enrich(kind, Known(**known))}  # type: ignore[arg-type]
    return found


async def test_what_can_be_read_off() -> None:
    work = await _said("persona", email="Ana@mail.acme.co.uk", title="VP of Customer Success")
    assert (work["company_domain"], work["free_mail"], work["country"], work["seniority"]) == (
        "acme.co.uk",
        False,
        "GB",
        "vp",
    )
    private = await _said("persona", email="ana@gmail.com")
    assert private == {"free_mail": True, "disposable_mail": False, "role_inbox": False}
    assert (await _said("persona", email="x@mailinator.com"))["disposable_mail"] is True
    assert "company_domain" not in await _said("persona", email="x@mailinator.com")
    assert (await _said("persona", email="info@acme.de"))["role_inbox"] is True
    assert await _said("company", domain="acme.io") == {}  # everybody's ending
    assert await _said("company", domain="acme.de", phone="+33 1 42 68 53 00") == {"country": "FR"}
    assert await _said("company", email="ana@acme.de", title="CEO", phone="030 901820") == {"country": "DE"}


async def test_a_provider_is_asked_once_within_its_budget_and_only_about_companies(
    db: Database, workspace: int
) -> None:
    asked = _Asked()
    provider = Provider(db, workspace, SPEC, asked)
    acme = Known(domain="www.acme.example", email="ana@acme.example", name="Ana")
    assert await provider.enrich("company", acme) == [
        Finding("industry", "Software", 0.8, "Registry", "CC-BY-4.0"), Finding("employees", 40, 0.8, "Registry", "CC-BY-4.0"),
    ]  # fmt: skip
    assert asked.urls == ["https://registry.example/v1/acme.example"]
    await provider.enrich("company", acme)
    assert len(asked.urls) == 1
    assert await provider.enrich("persona", acme) == []
    assert await provider.enrich("company", Known(name="Acme")) == []
    await provider.enrich("company", Known(domain="two.example"))
    assert await provider.enrich("company", Known(domain="three.example")) == []  # the day's two calls are spent
    assert len(asked.urls) == 2
    assert len(await provider.enrich("company", acme)) == 2  # remembered answers cost nothing


@pytest.mark.parametrize("answer", [b"{", b"<html>", Unavailable("down")])
async def test_a_provider_that_fails_has_still_cost_its_call(db: Database, workspace: int, answer: Any) -> None:
    asked = _Asked(answer)
    provider = Provider(db, workspace, SPEC, asked)
    for _ in range(2):
        with pytest.raises(Unavailable):
            await provider.enrich("company", Known(domain="acme.example"))
    assert await provider.enrich("company", Known(domain="acme.example")) == []
    assert len(asked.urls) == 2


async def _enrich(db: Database, workspace: int, enrichers: list[Enricher]) -> None:
    for _ in range(20):
        await road.catch_up(db, workspace)
        if not await enrichment.enrich_due(db, workspace, enrichers):
            return
    pytest.fail("enrichment feeds on itself")


async def _allow(db: Database, workspace: int, consent: Consent) -> None:
    async with db.tx(workspace) as tx:
        await enrichment.set_consent(tx, consent, ME)


async def test_nothing_is_asked_without_a_yes_and_answers_are_evidence(db: Database, workspace: int) -> None:
    source = await product(db, workspace)
    people = [{"type": "identify", "messageId": f"i{n}", "userId": f"u{n}", "traits": {
        "email": f"ana{n}@acme.example", "title": "Head of Support", "company": {"id": "c", "name": "Acme", "domain": "acme.example"},
    }} for n in range(3)]  # fmt: skip
    await send(db, workspace, source, *people)
    asked = _Asked()
    enrichers: list[Enricher] = [*enrichment.OFFLINE, Provider(db, workspace, SPEC, asked)]
    await _enrich(db, workspace, enrichers)
    assert asked.urls == []
    assert await count(db, workspace, "event_log", "format = 'canonical'") == 0
    await _allow(db, workspace, Consent(companies=True))
    await _enrich(db, workspace, enrichers)
    assert len(asked.urls) == 1
    async with db.tx(workspace) as tx:
        rows = await tx.rows(
            "select body, kind from event_log where workspace_id = $1 and format = 'canonical'", workspace
        )
        said = await tx.row("select traits from record where workspace_id = $1 and source = 'enrichment'", workspace)
        entities = await tx.value(
            "select count(distinct entity_id) from record where workspace_id = $1 and kind = 'company'", workspace
        )
    bodies = [msgspec.json.decode(r["body"]) for r in rows]
    assert {b["kind"] for b in bodies} == {"company.identified"}  # no person: nobody said yes to that
    finding = next(f for b in bodies for f in b["props"]["findings"] if f["field"] == "industry")
    assert (finding["source"], finding["licence"], finding["confidence"]) == ("Registry", "CC-BY-4.0", 0.8)
    assert said is not None
    assert "Software" in str(said["traits"])
    assert entities == 1  # the answer belongs to the company that was asked about
    assert (await replay(db, workspace)).same
    assert len(asked.urls) == 1  # a replay asks nobody


async def test_persons_need_a_yes_of_their_own(db: Database, workspace: int) -> None:
    source = await product(db, workspace)
    await send(db, workspace, source, {"type": "identify", "messageId": "i", "userId": "u", "traits": {
        "email": "ana@acme.example", "title": "Head of Support"}})  # fmt: skip
    await _allow(db, workspace, Consent(companies=True, persons=True))
    await _enrich(db, workspace, list(enrichment.OFFLINE))
    async with db.tx(workspace) as tx:
        traits = await tx.rows("select traits from record where workspace_id = $1 and source = 'enrichment'", workspace)
        persons = await tx.value(
            "select count(distinct entity_id) from record where workspace_id = $1 and kind = 'persona'", workspace
        )
    assert any("director" in str(t["traits"]) for t in traits)
    assert persons == 1


async def test_roles_and_managers_looked_up_are_beliefs_with_source_and_licence(db: Database, workspace: int) -> None:
    source = await product(db, workspace)
    await send(db, workspace, source, *(
        {"type": "identify", "messageId": f"m{n}", "userId": f"u{n}", "traits": {"email": f"{name}@acme.example"}}
        for n, name in enumerate(("ana", "bo"))
    ))  # fmt: skip
    spec = ProviderSpec("Open register", "https://register.example/p/{email}", {"title": "role", "manager_email": "boss"},
                        "CC0-1.0", kind="persona", confidence=0.75)  # fmt: skip
    said = {"role": "VP of Engineering", "boss": "Bo@Acme.example"}
    await _allow(db, workspace, Consent(persons=True))
    for _ in range(2):  # the second pass meets what the first one wrote
        await _enrich(db, workspace, [Provider(db, workspace, spec, _Asked(said))])
        await road.catch_up(db, workspace)
    async with db.tx(workspace) as tx:
        rows = await tx.rows(
            "select a.kind, a.confidence, a.source, a.detail, s.entity_id as src, d.entity_id as dst from assertion a "
            "join record s on s.workspace_id = a.workspace_id and s.id = a.src "
            "left join record d on d.workspace_id = a.workspace_id and d.id = a.dst "
            "where a.workspace_id = $1 and a.inferrer like '%looked_up' and a.retracted_at is null", workspace,
        )  # fmt: skip
        bo = await tx.value("select id from node where workspace_id = $1 and key = 'bo@acme.example'", workspace)
        bo = bo or await tx.value(
            "select entity_id from identifier i join record r on r.workspace_id = i.workspace_id and r.id = i.record_id "
            "where i.workspace_id = $1 and i.value = 'bo@acme.example' limit 1", workspace,
        )  # fmt: skip
    assert {r["kind"] for r in rows} == {EDGE["holds_role"], EDGE["reports_to"]}
    for row in rows:
        assert row["source"] == "enrichment"
        assert row["confidence"] == pytest.approx(0.75)
        assert row["detail"]["told_by"] == "Open register"
        assert row["detail"]["licence"] == "CC0-1.0"
    lines = [r for r in rows if r["kind"] == EDGE["reports_to"]]
    assert {r["dst"] for r in lines} == {bo}
    assert bo not in {r["src"] for r in lines}  # nobody reports to themselves
    assert (await replay(db, workspace)).same


async def test_a_provider_that_cannot_be_asked_is_refused(db: Database, workspace: int) -> None:
    bad = [
        msgspec.structs.replace(SPEC, url="http://registry.example/{domain}"), msgspec.structs.replace(SPEC, licence=""),
        msgspec.structs.replace(SPEC, map={"a": "[["}), msgspec.structs.replace(SPEC, kind="animal"),
        msgspec.structs.replace(SPEC, url="https://registry.example/all"), msgspec.structs.replace(SPEC, confidence=1.5),
    ]  # fmt: skip
    for spec in bad:
        with pytest.raises(BadInput):
            await _allow(db, workspace, Consent(companies=True, providers=[spec]))
    with pytest.raises(BadInput):
        await _allow(db, workspace, Consent(providers=[SPEC, SPEC]))
    await _allow(db, workspace, Consent(companies=True, providers=[SPEC]))
    async with db.tx(workspace) as tx:
        assert (await enrichment.consent_of(tx)).providers == [SPEC]
