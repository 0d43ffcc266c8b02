"""Programs in the database: installed once, one account, one link, found by its code."""

import pytest

from honeyguide import programs
from honeyguide.core import clock
from honeyguide.core.errors import BadInput, NotFound
from honeyguide.core.ids import digest
from honeyguide.db import Database
from honeyguide.programs.links import canonical_code, name_part


async def test_program_is_installed_once(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        first = await programs.ensure_program(tx)
        again = await programs.ensure_program(tx)
        assert again == first
        assert [g.slug for g in await programs.groups(tx, first.id)] == ["partner", "enterprise", "small-business"]
        offers = await programs.offers(tx)
        assert {o.slug: (o.size, o.amount_minor, o.rate_bp, o.cap_minor) for o in offers} == {
            "commission-15": ("medium", 0, 1500, 500_000),
            "commission-10": ("small", 0, 1000, 300_000),
            "commission-20": ("large", 0, 2000, 800_000),
            "renewal-credit": ("medium", 150_000, 0, None),
            "renewal-credit-small": ("small", 75_000, 0, None),
            "renewal-credit-large": ("large", 300_000, 0, None),
            "beta-access": ("medium", 0, 0, None),
            "gift-card": ("medium", 10_000, 0, None),
            "gift-card-small": ("small", 5_000, 0, None),
            "gift-card-large": ("large", 20_000, 0, None),
            "account-credit": ("medium", 15_000, 0, None),
            "account-credit-small": ("small", 7_500, 0, None),
        }
        assert first.terms.hold_days == 30
        assert await programs.live_program(tx) == first
        group = await programs.group_for(tx, first, {"name": "Ana"}, {"employees": 600})
        assert (group.slug, group.reason) == ("enterprise", "Enterprise, because employees is 600 (at least 500).")
        with pytest.raises(NotFound, match="library has no program"):
            await programs.ensure_program(tx, "nothing-like-it")


async def test_one_account_per_record_and_address(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        program = await programs.ensure_program(tx)
        partner, enterprise, _ = await programs.groups(tx, program.id)
        ana, token = await programs.ensure_advocate(tx, 11, "Ana Lima", "Ana@Acme.example", program, partner)
        assert token is not None
        assert token.startswith("hgp_")
        assert ana.email == "ana@acme.example"
        assert await programs.ensure_advocate(tx, 11, "Ana Lima", "ana@acme.example", program, enterprise) == (
            ana,
            None,
        )
        other_record, nothing = await programs.ensure_advocate(tx, 12, "A. Lima", "ANA@acme.example", program, partner)
        assert (other_record, nothing) == (ana, None)
        assert await programs.advocate_by_portal(tx, digest(token)) == ana
        with pytest.raises(BadInput, match="not an e-mail address"):
            await programs.ensure_advocate(tx, 13, "Bo", "nowhere", program, partner)
        unknown, _ = await programs.ensure_advocate(tx, 14, "Bo", "", program, partner)
        other, _ = await programs.ensure_advocate(tx, 15, "Cleo", "", program, partner)
        assert (unknown.email, other.id == unknown.id) == ("", False)
        first = await programs.accept_terms(tx, ana.id, clock.now())
        assert (await programs.accept_terms(tx, ana.id, clock.now())).terms_accepted_at == first.terms_accepted_at
    assert await db.find("portal", digest(token), ttl_s=0) == workspace
    async with db.tx(workspace) as tx:
        fresh = await programs.renew_portal_token(tx, ana)
        assert await programs.advocate_by_portal(tx, digest(token)) is None
        found = await programs.advocate_by_portal(tx, digest(fresh))
        assert found is not None
        assert found.id == ana.id
    assert await db.find("portal", digest(token), ttl_s=0) is None
    assert await db.find("portal", digest(fresh), ttl_s=0) == workspace


async def test_link_is_personal_and_found_by_its_code(db: Database, workspace: int, other_workspace: int) -> None:
    async with db.tx(workspace) as tx:
        program = await programs.ensure_program(tx)
        group = (await programs.groups(tx, program.id))[0]
        maya, _ = await programs.ensure_advocate(tx, 21, "Maya Okafor", "maya@x.example", program, group)
        link = await programs.ensure_link(tx, maya)
        assert await programs.ensure_link(tx, maya) == link
        assert link.code.startswith("maya-")
        assert await programs.find_link(tx, link.code.upper()) == link
        assert await programs.find_link(tx, "maya-222222") is None
        assert await programs.find_link(tx, "'; drop table link") is None
    assert await db.find("link", digest(link.code), ttl_s=0) == workspace
    async with db.tx(other_workspace) as tx:
        assert await programs.find_link(tx, link.code) is None


async def test_a_code_taken_elsewhere_is_not_used(
    db: Database, workspace: int, other_workspace: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = iter(["AAAAAA", "AAAAAA", "BBBBBB"])
    monkeypatch.setattr("honeyguide.programs.links.short_code", lambda: next(codes))
    made = []
    for place in (workspace, other_workspace):
        async with db.tx(place) as tx:
            program = await programs.ensure_program(tx)
            group = (await programs.groups(tx, program.id))[0]
            bo, _ = await programs.ensure_advocate(tx, 1, f"Bo{workspace}", "bo@x.example", program, group)
            made.append((await programs.ensure_link(tx, bo)).code.split("-")[1])
    assert made == ["AAAAAA", "BBBBBB"]


def test_code_spellings() -> None:
    assert canonical_code(" Maya 7q4kx9 ") == "maya-7Q4KX9"
    assert canonical_code("maya-7Q4KX9") == "maya-7Q4KX9"
    assert canonical_code("maya-7Q4KX0") is None  # no zero in the alphabet
    assert canonical_code("../../etc-AAAAAA") is None
    assert name_part("Åsa Öberg") == "asa"
    assert name_part("李雷") == "friend"
    assert name_part("") == "friend"
    assert name_part("Jean-Pierre Dupont") == "jeanpierre"
