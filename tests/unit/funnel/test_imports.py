"""Files: every row ends in the log, as a duplicate or as a dead letter with its number; a run goes on where it was."""

import csv
import io
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from honeyguide.core.errors import BadInput
from honeyguide.db import Database
from honeyguide.funnel import (
    ImportRun,
    dead_letters,
    decode,
    import_file,
    imports,
    load_sources,
    parse_mapping,
    read_mapping,
    source_totals,
)

MAPPING = """
source: crm
currency: EUR
files:
  deals*.csv:
    name: deals
    id: deal
    time: closed
    person: {id: contact, traits: {email: mail, name: who}}
    company: {id: firm, traits: {name: firm_name}}
    events:
      - kind: deal.won
        props:
          deal: deal
          amount_minor: {column: amount, type: money}
          currency: {value: EUR}
        text: note
  people.jsonl:
    id: id
    time: seen
    person: {id: id, traits: {email: email}}
    events: [{kind: persona.identified}]
"""
HEADER = "deal,closed,contact,mail,who,firm,firm_name,amount,note\n"
GOOD = 'D{n},2026-01-0{n},c{n},p{n}@acme.com,Person {n},f1,Acme,"1,250.50","said ""yes"""\n'


def _deals(path: Path, text: str, name: str = "deals.csv") -> Path:
    found = path / name
    found.write_bytes(text.encode())
    return found


async def _import(db: Database, workspace: int, path: Path, seen: list[ImportRun] | None = None) -> ImportRun:
    return await import_file(db, workspace, path, parse_mapping(MAPPING), (seen if seen is not None else []).append)


async def test_rows_become_events(db: Database, workspace: int, tmp_path: Path) -> None:
    run = await _import(db, workspace, _deals(tmp_path, HEADER + GOOD.format(n=1)))
    assert (run.state, run.rows_done, run.rows_accepted) == ("done", 1, 1)
    async with db.tx(workspace) as tx:
        row = await tx.row("select * from event_log where workspace_id = $1", workspace)
        sources = await load_sources(tx)
    assert row is not None
    assert row["lane"] == 1
    event = decode(row, sources[row["source_id"]])[0]
    assert event.props == {"deal": "D1", "amount_minor": 125_050, "currency": "EUR"}
    assert event.text == 'said "yes"'
    assert event.person is not None
    assert event.company is not None
    assert (event.person.ext_id, event.person.traits) == ("c1", {"email": "p1@acme.com", "name": "Person 1"})
    assert (event.company.ext_id, event.company.traits) == ("f1", {"name": "Acme"})
    assert event.at.isoformat() == "2026-01-01T00:00:00+00:00"


async def test_bad_rows_are_dead_letters_with_their_number(db: Database, workspace: int, tmp_path: Path) -> None:
    bad = [
        "D2,not a date,c,m@acme.com,W,f,F,1,\n",
        "D3,2026-01-01,c,m@acme.com,W,f,F,much,\n",
        ",2026-01-01,c,m@acme.com,W,f,F,1,\n",
        "D5,2026-01-01\n",
        "D6,2026-01-01,,m@acme.com,W,f,F,1,\n",
    ]
    path = _deals(tmp_path, HEADER + GOOD.format(n=1) + "".join(bad))
    path.write_bytes(path.read_bytes() + b"D7,2026-01-01,c,m@acme.com,\xff\xfe,f,F,1,\n")
    run = await _import(db, workspace, path)
    assert (run.rows_done, run.rows_accepted, run.rows_dead) == (7, 1, 6)
    async with db.tx(workspace) as tx:
        letters = (await dead_letters(tx))[::-1]
        totals = (await source_totals(tx))[0]
    assert [x.reason for x in letters] == ["bad_time", "bad_money", "no_id", "bad_row", "no_record", "bad_row"]
    assert [f"Row {n} of deals.csv" in x.detail for n, x in enumerate(letters, start=2)] == [True] * 6
    assert letters[0].body == bad[0].strip().encode()
    assert b"\xff\xfe" in letters[-1].body
    assert (totals["accepted"], totals["dead_letter"]) == (1, 6)


async def test_the_same_file_again_brings_nothing(db: Database, workspace: int, tmp_path: Path) -> None:
    path = _deals(tmp_path, HEADER + GOOD.format(n=1) + GOOD.format(n=2))
    await _import(db, workspace, path)
    again = await _import(db, workspace, path)
    assert (again.rows_done, again.rows_accepted) == (2, 2)  # the finished run, not a second one
    grown = _deals(tmp_path, HEADER + GOOD.format(n=1) + GOOD.format(n=2) + GOOD.format(n=3), "deals-2.csv")
    more = await _import(db, workspace, grown)
    assert (more.rows_accepted, more.rows_duplicate, more.rows_dead) == (1, 2, 0)
    async with db.tx(workspace) as tx:
        assert await tx.value("select count(*) from event_log where workspace_id = $1", workspace) == 3


async def test_a_broken_run_goes_on_where_it_was(
    db: Database, workspace: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "CHUNK", 2)
    path = _deals(tmp_path, HEADER + "".join(GOOD.format(n=n) for n in range(1, 8)))

    def stumble(run: ImportRun) -> None:
        if run.rows_done == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await import_file(db, workspace, path, parse_mapping(MAPPING), stumble)
    seen: list[ImportRun] = []
    run = await _import(db, workspace, path, seen)
    assert [s.rows_done for s in seen] == [6, 7]
    assert (run.state, run.rows_accepted, run.rows_duplicate) == ("done", 7, 0)


async def test_json_lines(db: Database, workspace: int, tmp_path: Path) -> None:
    path = tmp_path / "people.jsonl"
    path.write_text('{"id": 1, "seen": 1767225600, "email": "a@acme.com"}\n[1]\n{"id": 2, "seen": "2026-01-02"}\n')
    run = await _import(db, workspace, path)
    assert (run.rows_accepted, run.rows_dead) == (2, 1)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a: [", "not YAML"),
        ("source: x\nfiles: {a.csv: {id: a, time: b, events: [{kind: nonsense}]}}", "nonsense"),
        ("source: x\nfiles: {a.csv: {id: a, events: []}}", "time"),
        ("source: x\nfiles: {a.csv: {id: a, time: b, wrong: 1, events: []}}", "wrong"),
    ],
)
def test_a_wrong_mapping_says_where(text: str, says: str) -> None:
    with pytest.raises(BadInput) as found:
        parse_mapping(text)
    assert says in found.value.sentence()


async def test_a_missing_column_is_said_before_anything_is_read(db: Database, workspace: int, tmp_path: Path) -> None:
    with pytest.raises(BadInput) as found:
        await _import(db, workspace, _deals(tmp_path, "deal,closed\n1,2026-01-01\n"))
    assert "amount" in found.value.sentence()


def _rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text())))


@pytest.mark.slow
async def test_ravenstack(db: Database, workspace: int, shared_path: Callable[[str], Path]) -> None:
    """Five tables of another company: every row accepted, amounts add up to the cent, no person invented."""
    folder = shared_path("data/ravenstack")
    mapping = read_mapping(Path(__file__).resolve().parents[3] / "examples" / "ravenstack.mapping.yaml")
    for name in mapping.files:
        run = await import_file(db, workspace, folder / name, mapping)
        assert (run.rows_accepted, run.rows_dead) == (len(_rows(folder / name)), 0), name
    kinds: Counter[str] = Counter()
    amount = 0
    async with db.tx(workspace) as tx:
        sources = await load_sources(tx)
        rows = await tx.rows("select * from event_log where workspace_id = $1", workspace)
    for row in rows:
        for event in decode(row, sources[row["source_id"]]):
            kinds[event.kind] += 1
            assert event.person is None
            assert event.company is not None
            amount += event.props["amount_minor"] if event.kind == "subscription.started" else 0
    subscriptions = _rows(folder / "ravenstack_subscriptions.csv")
    tickets = _rows(folder / "ravenstack_support_tickets.csv")
    paid = [s for s in subscriptions if s["is_trial"] == "False"]
    assert amount == sum(int(s["mrr_amount"]) * 100 for s in paid)
    assert kinds == {
        "company.identified": 500,
        "trial.started": len(subscriptions) - len(paid),
        "subscription.started": len(paid),
        "subscription.cancelled": sum(s["churn_flag"] == "True" and s["end_date"] != "" for s in paid),
        "feature.used": 25_000,
        "ticket.opened": 2_000,
        "ticket.solved": sum(t["closed_at"] != "" for t in tickets),
        "ticket.rated": sum(t["satisfaction_score"] != "" for t in tickets),
        "ticket.escalated": sum(t["escalation_flag"] == "True" for t in tickets),
        "custom": 600,
    }
