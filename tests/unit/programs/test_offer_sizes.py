"""A workspace that had the program before sizes gets the small and the large ones beside what people were shown."""

import asyncpg

from honeyguide import programs
from honeyguide.db.migrate import migrate


async def test_sizes_come_to_programs_that_are_there(fresh_dsn: str) -> None:
    await migrate(fresh_dsn)
    await migrate(fresh_dsn, "0003")
    connection = await asyncpg.connect(fresh_dsn)
    file = programs.load("customer-referrals")
    workspace = await connection.fetchval(
        "insert into workspace (slug, name, currency, created_at) values ('old', 'Old', 'EUR', now()) returning id"
    )
    for slug, library in (("customer-referrals", "customer-referrals"), ("of-our-own", "")):
        program = await connection.fetchval(
            "insert into program (workspace_id, slug, name, state, terms, version, created_at) "
            "values ($1, $2, 'P', 'live', jsonb_build_object('library', $3::text), 1, now()) returning id", workspace, slug, library)  # fmt: skip
        for place, group in enumerate(file.groups):
            ident = await connection.fetchval(
                "insert into program_group (workspace_id, program_id, slug, name, conditions, position) "
                "values ($1, $2, $3, 'G', '{}', $4) returning id", workspace, program, group.slug, place)  # fmt: skip
            for n, o in enumerate(
                x for x in group.offers if x.slug in ("commission-15", "renewal-credit", "beta-access", "gift-card")
            ):
                await connection.execute(
                    "insert into offer (workspace_id, group_id, slug, label, incentive, amount_minor, rate_bp, currency, cap_minor, position) "
                    "values ($1, $2, $3, $4, $5, $6, $7, 'EUR', $8, $9)",
                    workspace, ident, o.slug, o.label, o.incentive, o.amount_minor, o.rate_bp, o.cap_minor, n)  # fmt: skip
    await connection.close()
    await migrate(fresh_dsn)
    connection = await asyncpg.connect(fresh_dsn)
    found = {
        (r["program"], r["slug"]): (
            r["label"],
            r["incentive"],
            r["amount_minor"],
            r["rate_bp"],
            r["cap_minor"],
            r["size"],
        )
        for r in await connection.fetch(
            "select p.slug as program, o.* from offer o join program_group g on g.workspace_id = o.workspace_id and g.id = o.group_id "
            "join program p on p.workspace_id = g.workspace_id and p.id = g.program_id"
        )
    }
    await connection.close()
    shipped = {
        o.slug: (o.label, o.incentive, o.amount_minor, o.rate_bp, o.cap_minor, o.size)
        for g in file.groups
        for o in g.offers
    }
    assert {slug: offer for (program, slug), offer in found.items() if program == "customer-referrals"} == shipped
    assert {slug for program, slug in found if program == "of-our-own"} == {
        "commission-15",
        "renewal-credit",
        "beta-access",
        "gift-card",
    }
