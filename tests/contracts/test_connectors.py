"""The contract suite on the example, and that it catches connectors which break it."""

from pathlib import Path

import pytest

from honeyguide.db import Database
from honeyguide.settings import Settings
from tests.contracts.connectors import keeps_the_contract

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "connector_in_60_lines"
TEXT = (EXAMPLE / "brightdesk.yaml").read_text()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.load({"HONEYGUIDE_DATA": str(tmp_path), "HONEYGUIDE_ALLOW_PRIVATE_HOSTS": "127.0.0.1"})


async def test_the_example_keeps_it(db: Database, workspace: int, settings: Settings) -> None:
    assert len(TEXT.splitlines()) <= 60
    rows = await keeps_the_contract(db, workspace, settings, TEXT, EXAMPLE / "replies")
    kinds = sorted(e.kind for row in rows for e in row.events)
    assert kinds == ["persona.identified"] * 3 + [
        "record.deleted",
        "ticket.opened",
        "ticket.opened",
        "ticket.rated",
        "ticket.solved",
    ]
    rated = next(e for row in rows for e in row.events if e.kind == "ticket.rated")
    assert rated.props["score"] == 5
    hooked = rows[-1]
    assert hooked.message_id == "customers:12:2026-02-20T10:00:00Z", (
        "a webhook's record has the id a sync would give it"
    )


BROKEN = {
    "paging that sees no end": ("next: meta.next", "next: 'data[0].id'", "not recorded"),
    "paging that stops early": (
        "{kind: cursor, next: meta.next, param: cursor}",
        "{kind: none}",
        "Paging ended after 1 of 2",
    ),
}


@pytest.mark.parametrize("fault", BROKEN)
async def test_a_broken_connector_does_not(db: Database, workspace: int, settings: Settings, fault: str) -> None:
    good, bad, says = BROKEN[fault]
    assert good in TEXT
    with pytest.raises(AssertionError, match=says):
        await keeps_the_contract(db, workspace, settings, TEXT.replace(good, bad), EXAMPLE / "replies")


async def test_unstable_ids_are_noticed(db: Database, workspace: int, settings: Settings, tmp_path: Path) -> None:
    """Two records with one id and one version: one of them would be lost."""
    folder = tmp_path / "replies"
    folder.mkdir()
    (folder / "customers.1.json").write_text('{"data": [{"id": 1, "updated_at": "2026-01-01T00:00:00Z"}, 7]}')
    with pytest.raises(AssertionError):
        await keeps_the_contract(db, workspace, settings, TEXT, folder)
