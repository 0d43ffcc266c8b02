"""Which workspace `up` opens: the first one, the only one there is, or `main` where there are several."""

from pathlib import Path

from honeyguide.app import seed
from honeyguide.db import Database, create_workspace, workspace_by_slug
from honeyguide.db.migrate import migrate
from honeyguide.settings import Settings


async def test_up_opens_the_only_company_there_is(fresh_dsn: str, tmp_path: Path) -> None:
    settings = Settings.load({"HONEYGUIDE_DATA": str(tmp_path), "HONEYGUIDE_BASE_URL": "http://localhost:8600"})
    await migrate(fresh_dsn)
    db = await Database.open(fresh_dsn, size=2)
    try:
        year = await create_workspace(db, "tidewater", "Tidewater")
        assert await seed.first_workspace(db) == year
        await create_workspace(db, "other", "Other")
        main = await seed.first_workspace(db)
        assert main == await workspace_by_slug(db, seed.MAIN) != year
        assert await seed.first_workspace(db) == main
        assert [who for who, _ in await seed.sign_in_links(db, settings, main)] == ["Owner (owner)"]
    finally:
        await db.close()
