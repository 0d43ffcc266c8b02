"""Programs of five vendors, as their exports are shaped: every row ends with a reason, twice is once, nothing is paid twice."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from honeyguide import ledger, outcomes, programs
from honeyguide.app.program_import import Report, import_program
from honeyguide.core.errors import BadInput
from honeyguide.db import Database

NOW = datetime(2026, 9, 1, 9, tzinfo=UTC)
WHEN = "2026-03-04T10:00:00.000Z"

DUB: dict[str, Any] = {
    "partners.json": [{"id": "pn_1", "name": "Ann Lee", "email": "ann@partner.example", "links": [{"key": "ann-lee"}, {"key": "x"}]}],
    "customers.json": [{"id": "cus_1", "externalId": "u_1", "name": "Bo", "email": "bo@buyer.example", "createdAt": WHEN, "partner": {"id": "pn_1"}}],
    "commissions.json": [
        {"id": "cm_1", "earnings": 2_500, "amount": 25_000, "currency": "usd", "status": "pending", "createdAt": WHEN,
         "partner": {"email": "ann@partner.example"}, "customer": {"id": "cus_1"}, "invoiceId": "in_1"},
        {"id": "cm_2", "earnings": 2_500, "amount": 25_000, "currency": "usd", "status": "paid", "createdAt": WHEN,
         "partner": {"id": "pn_1"}, "customer": {"email": "bo@buyer.example"}, "invoiceId": "in_2"},
        {"id": "cm_3", "earnings": 2_500, "amount": 25_000, "currency": "usd", "status": "refunded", "createdAt": WHEN,
         "partner": {"id": "pn_1"}, "customer": {"id": "cus_1"}},
    ],
}  # fmt: skip
REWARDFUL: dict[str, Any] = {
    "affiliates.json": {"data": [{"id": "a-1", "first_name": "Ann", "last_name": "Lee", "email": "ann@partner.example", "links": [{"token": "annlee"}]}]},
    "referrals.json": {"data": [{"id": "r-1", "customer": {"name": "Bo", "email": "bo@buyer.example"}, "affiliate": {"id": "a-1"}, "became_lead_at": WHEN, "stripe_customer_id": "cus_S"}]},
    "commissions.json": {"data": [
        {"id": "c-1", "amount": 2_500, "currency": "USD", "state": "due", "created_at": WHEN,
         "sale": {"sale_amount_cents": 25_000, "stripe_charge_id": "ch_1", "referral": {"id": "r-1"}, "affiliate": {"id": "a-1"}}},
        {"id": "c-2", "amount": 2_500, "currency": "USD", "state": "paid", "created_at": WHEN,
         "sale": {"sale_amount_cents": 25_000, "stripe_charge_id": "ch_2", "referral": {"id": "r-1"}, "affiliate": {"id": "a-1"}}},
        {"id": "c-3", "amount": 2_500, "currency": "USD", "state": "voided", "created_at": WHEN,
         "sale": {"sale_amount_cents": 25_000, "referral": {"id": "r-1"}, "affiliate": {"id": "a-1"}}},
    ]},
}  # fmt: skip
FIRSTPROMOTER: dict[str, Any] = {
    "promoters.json": [{"id": 7, "name": "Ann Lee", "email": "ann@partner.example", "promoter_campaigns": [{"campaign": {"name": "x"}, "ref_token": "annie"}]}],
    "leads.json": [{"id": 8, "email": "bo@buyer.example", "first_name": "Bo", "last_name": None, "uid": "u_1", "created_at": WHEN, "promoter_campaign": {"promoter": {"email": "ann@partner.example"}}}],
    "commissions.json": [
        {"id": 1, "status": "approved", "is_paid": False, "amount": 2_500, "sale_amount": 25_000, "original_sale_amount": 25_000, "unit": "cash",
         "original_sale_currency": "USD", "created_at": WHEN, "referral": {"id": 8}, "promoter_campaign": {"promoter": {"email": "ann@partner.example"}}},
        {"id": 2, "status": "approved", "is_paid": True, "amount": 2_500, "sale_amount": 25_000, "original_sale_amount": 25_000, "unit": "cash",
         "original_sale_currency": "USD", "created_at": WHEN, "referral": {"id": 8}, "promoter_campaign": {"promoter": {"email": "ann@partner.example"}}},
        {"id": 3, "status": "denied", "is_paid": False, "amount": 2_500, "sale_amount": 25_000, "unit": "cash", "original_sale_currency": "USD",
         "created_at": WHEN, "referral": {"id": 8}, "promoter_campaign": {"promoter": {"email": "ann@partner.example"}}},
    ],
}  # fmt: skip
PARTNERSTACK: dict[str, Any] = {
    "partners.json": {"data": {"items": [{"key": "annkey", "email": "ann@partner.example", "first_name": "Ann", "last_name": "Lee", "stats": {"CUSTOMER_COUNT": 1}}]}},
    "customers.json": {"data": {"items": [{"key": "cust1", "name": "Bo", "email": "bo@buyer.example", "customer_key": "u_1", "partnership_key": "annkey", "created_at": 1_772_618_400_000}]}},
    "rewards.json": {"data": {"items": [
        {"key": "rw1", "amount": 2_500, "currency": "USD", "created_at": 1_772_618_400_000, "reward_status": "approved", "customer": {"email": "bo@buyer.example"}, "partnership": {"email": "ann@partner.example"}, "transaction": {"amount": 25_000, "currency": "USD"}},
        {"key": "rw2", "amount": 2_500, "currency": "USD", "created_at": 1_772_618_400_000, "reward_status": "paid", "customer": {"email": "bo@buyer.example"}, "partnership": {"email": "ann@partner.example"}, "transaction": {"amount": 25_000, "currency": "USD"}},
        {"key": "rw3", "amount": 2_500, "currency": "USD", "created_at": 1_772_618_400_000, "reward_status": "declined", "customer": {"email": "bo@buyer.example"}, "partnership": {"email": "ann@partner.example"}, "transaction": None},
    ]}},
}  # fmt: skip
TOLT: dict[str, Any] = {
    "partners.json": {"success": True, "data": [{"id": "part_1", "email": "ann@partner.example", "first_name": "Ann", "last_name": "Lee"}]},
    "customers.json": {"success": True, "data": [{"id": "cust_1", "customer_id": "u_1", "email": "bo@buyer.example", "name": "Bo", "status": "active", "created_at": WHEN, "partner": {"id": "part_1", "email": "ann@partner.example"}}]},
    "commissions.json": {"success": True, "data": [
        {"id": "comm_1", "amount": "2500", "revenue": "25000", "charge_id": "ch_1", "status": "approved", "created_at": WHEN, "partner": {"id": "part_1"}, "customer": {"id": "cust_1"}},
        {"id": "comm_2", "amount": "2500", "revenue": "25000", "charge_id": "ch_2", "status": "paid", "created_at": WHEN, "partner": {"id": "part_1"}, "customer": {"id": "cust_1"}},
        {"id": "comm_3", "amount": "2500", "revenue": "25000", "charge_id": "ch_3", "status": "rejected", "created_at": WHEN, "partner": {"id": "part_1"}, "customer": {"id": "cust_1"}},
    ]},
}  # fmt: skip
VENDORS = {
    "dub": DUB,
    "rewardful": REWARDFUL,
    "firstpromoter": FIRSTPROMOTER,
    "partnerstack": PARTNERSTACK,
    "tolt": TOLT,
}


def files(folder: Path, export: dict[str, Any]) -> list[Path]:
    made = []
    for name, content in export.items():
        (folder / name).write_text(content if isinstance(content, str) else json.dumps(content))
        made.append(folder / name)
    return made


def verdicts(report: Report) -> list[tuple[str, str]]:
    return [(e.kind, e.verdict) for e in report.ended]


@pytest.mark.parametrize("vendor", sorted(VENDORS))
async def test_an_export_is_taken_once_and_what_was_paid_there_is_not_paid_here(
    db: Database, workspace: int, tmp_path: Path, vendor: str
) -> None:
    paths = files(tmp_path, VENDORS[vendor])
    async with db.tx(workspace) as tx:
        report = await import_program(tx, vendor, paths, NOW)
        assert verdicts(report) == [
            ("partner", "imported"), ("customer", "imported"), ("commission", "imported"), ("commission", "imported"),
            ("commission", "refused"),
        ], report.ended  # fmt: skip
        assert all(e.reason for e in report.ended)
        (reward,) = await ledger.rewards(tx)
        currency = "EUR" if vendor == "tolt" else "USD"  # Tolt's rows name none: the program's
        assert (reward.amount_minor, reward.currency, reward.state, reward.advocate_name) == (
            2_500,
            currency,
            "review",
            "Ann Lee",
        )
        assert "has not paid commission" in reward.review
        (referral,) = await outcomes.list_referrals(tx)
        assert (referral.friend_email, referral.advocate_name) == ("bo@buyer.example", "Ann Lee")
        assert await tx.value("select count(*) from conversion where workspace_id = $1", workspace) == 2
        assert (await ledger.verify(tx)).ok
    async with db.tx(workspace) as tx:
        again = await import_program(tx, vendor, list(reversed(paths)), NOW)
        assert [v for _, v in verdicts(again)] == ["duplicate"] * 4 + ["refused"]
        assert len(await ledger.rewards(tx)) == 1
        assert (await ledger.verify(tx)).ok


async def test_old_codes_go_on_working_and_a_later_sale_is_theirs(db: Database, workspace: int, tmp_path: Path) -> None:
    async with db.tx(workspace) as tx:
        link_keys = [{"key": "ann-of-old"}, {"key": "x"}]
        export = DUB | {"partners.json": [DUB["partners.json"][0] | {"links": link_keys}]}
        report = await import_program(tx, "dub", files(tmp_path, export), NOW)
        assert "The code x cannot be kept" in report.ended[0].reason
        link = await outcomes.link_of_code(tx, "Ann of old")
        assert link is not None
        assert (await programs.advocate(tx, link.advocate_id)).email == "ann@partner.example"
        sold = await outcomes.track_sale(
            tx,
            outcomes.Sale(buyer=outcomes.Buyer(external_id="u_1"), amount_minor=100, currency="usd", key="in_9"),
            NOW,
        )
        assert sold["attributed"]
        assert sold["customer"]["email"] == "bo@buyer.example"


CSV = """Partner ID,Partner Email,Name,Link Value
p1,ann@partner.example,Ann Lee,ann-lee
p2,no address,Nobody,
,without@id.example,No Id,
"""
CSV_COMMISSIONS = """Id,Partner Email,Customer Email,Amount,Sale Amount,Currency,Status,Created At
1,ann@partner.example,bo@buyer.example,"$25.50",255.00,USD,pending,2026-03-04 10:00:00 UTC
2,ann@partner.example,bo@buyer.example,-5,50,USD,pending,2026-03-04
3,ann@partner.example,bo@buyer.example,25.505,255,USD,pending,2026-03-04
4,ann@partner.example,nobody@buyer.example,5,50,USD,pending,2026-03-04
5,stranger@partner.example,bo@buyer.example,5,50,USD,pending,2026-03-04
6,ann@partner.example,bo@buyer.example,5,50,USD,pending,yesterday
7,ann@partner.example,bo@buyer.example,5,50,dollars,pending,2026-03-04
8,ann@partner.example,bo@buyer.example,=1+1,50,USD,pending,2026-03-04
"""


async def test_tables_of_a_dashboard_and_rows_that_cannot_be(db: Database, workspace: int, tmp_path: Path) -> None:
    export = {"partners.csv": CSV, "customers.json": TOLT["customers.json"], "commissions.csv": CSV_COMMISSIONS}
    export["customers.json"]["data"][0]["partner"] = {"email": "ann@partner.example"}
    async with db.tx(workspace) as tx:
        report = await import_program(tx, "tolt", files(tmp_path, export), NOW)
        ended = {(e.kind, e.id): e for e in report.ended}
        assert ended["partner", "p1"].verdict == "imported"
        assert ended["partner", "p2"].reason == "'no address' is no e-mail address."
        assert "no id of its own" in ended["partner", ""].reason
        assert ended["commission", "1"].verdict == "imported"
        refused = {i: ended["commission", i].reason for i in "2457"}
        assert "no amount of money" in refused["2"]
        assert "customer" in refused["4"]
        assert "stranger@partner.example is not known here" in refused["5"]
        assert "no currency" in refused["7"]
        unread = [e.reason for e in report.ended if e.kind == "unknown"]
        assert unread == ["Its amount cannot be read.", "yesterday is no time.", "Its amount cannot be read."]
        (reward,) = await ledger.rewards(tx)
        assert reward.amount_minor == 2_550
        assert sum(report.counts().values()) == 3 + 1 + 8  # every row ended once


async def test_rubbish_is_refused_row_by_row(db: Database, workspace: int, tmp_path: Path) -> None:
    lines = ['{"id": 1}', "not json", "[1]", '"text"', "null", '{"a": {"b": [[[]]]}}']
    async with db.tx(workspace) as tx:
        report = await import_program(tx, "dub", files(tmp_path, {"some.jsonl": "\n".join(lines)}), NOW)
        assert {e.verdict for e in report.ended} == {"refused"}
        assert len(report.ended) == len(lines)
        with pytest.raises(BadInput):
            await import_program(tx, "nobody", [], NOW)
