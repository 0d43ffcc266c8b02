"""Every route of the API as a list, with real ids in its path: what matrix tests walk."""

from typing import Any
from uuid import UUID

from honeyguide.core.ids import content_id
from honeyguide.settings import Settings
from honeyguide.web.server import all_routes, classification, create_api
from tests.contracts.stage import Furnished

# A body that passes validation, so that what answers is the rule and not the parser.
BODIES: dict[str, Any] = {
    "/api/asks/{ask_id}/approve": {},
    "/api/asks/{ask_id}/not-now": {"reason": "other"},
    "/api/asks/{ask_id}/follow-ups": {"on": False},
    "/api/budgets/{budget}": {"per_day": 40},
    "/api/moments/{moment_id}/dispute": {"reason": "other"},
    "/api/rewards/{reward_id}/approve": {"reason": "checked"},
    "/api/rewards/{reward_id}/void": {"reason": "mistake"},
    "/api/rewards/{reward_id}/reverse": {"key": "refund 1", "minor": 1, "reason": "refunded"},
    "/api/rewards/{reward_id}/dispute": {"key": "dispute 1", "reason": "charged back"},
    "/api/rewards/{reward_id}/dispute/close": {"key": "dispute 1", "outcome": "won"},
    "/api/ledger/rates": {
        "base": "EUR",
        "quote": "USD",
        "numerator": 11,
        "denominator": 10,
        "source": "matrix",
        "at": "2026-01-01T00:00:00Z",
    },
    "/api/ledger/proposals": {
        "key": "matrix",
        "reason": "more",
        "ask": {"type": "budget", "program_id": 1, "minor": 100, "currency": "EUR"},
    },
    "/api/ledger/proposals/{decision_id}/reject": {"reason": "no"},
    "/api/links/{link_id}/aliases": {"alias": "matrix-link"},
    "/api/links/{link_id}/named": {"company": "matrix.example"},
    "/api/domains": {"host": "go.matrix.example"},
    "/api/conversions/{conversion_id}/dispute": {"claim": "It was me."},
    "/api/conversions/{conversion_id}/preview": {"kind": "keep", "reason": "checked"},
    "/api/conversions/{conversion_id}/decide": {"kind": "keep", "reason": "checked"},
    "/api/attribution/policies": {
        "model": "last",
        "window_days": 90,
        "company_match": True,
        "priority": [["referral"]],
        "reason": "asked",
    },
    "/api/attribution/rerun": {"since": "2030-01-01T00:00:00Z"},
    "/v1/track/lead": {"eventName": "Sign up", "customerExternalId": "matrix"},
    "/v1/track/sale": {"customerExternalId": "matrix", "amount": 1, "invoiceId": "matrix"},
    "/v1/track/refund": {"invoiceId": "matrix", "refundId": "matrix"},
    "/api/fraud/cases/{referral_id}/verdict": {"verdict": "unsure", "reason": "asked them"},
    "/api/fraud/verdicts": {"verdict": "unsure", "reason": "asked them", "referral_ids": [str(UUID(int=0))]},
    "/api/fraud/marks": {"side": "friend", "owner": str(UUID(int=0)), "kind": "device", "value": "d-1"},
    "/api/payouts/{payout_id}/paid": {"reference": "bank 1"},
    "/api/payouts/{payout_id}/cancel": {"reason": "mistake"},
    "/api/payout-runs": {"key": "matrix-run-1"},
    "/api/advocates/{advocate_id}/payees": {"kind": "paypal", "account": {"email": "ana@paypal.example"}},
    "/api/personas/{persona_id}/separate": {"records": ["1"]},
    "/api/personas/{persona_id}/link": {"record": "1"},
    "/api/companies/{company_id}/separate": {"records": ["1"]},
    "/api/companies/{company_id}/link": {"record": "1"},
    "/api/demo": {"pace": 10},
    "/api/sources": {"kind": "no such kind", "name": "x"},
    "/api/suppressions": {"identifiers": [{"ns": "email", "value": "nobody"}], "reason": "asked"},
    "/api/personas/{persona_id}/erase": {"confirm": "somebody else", "reason": "asked"},
    "/api/erasures": {
        "identifiers": [{"ns": "email", "value": "a@b.example"}],
        "confirm": "another",
        "reason": "asked",
    },
    "/api/replays": {"dry_run": False, "source": "1"},
    "/api/sources/{source_id}/trust": {"server_only": True},
    "/api/sources/{source_id}/preview": {"rows": [{"id": "1"}]},
    "/api/dead-letters/retry": {"ids": []},
    "/api/dead-letters/{letter_id}/edit": {"body": "{}"},
    "/api/connections": {"connector": "no-such-connector", "name": "Matrix"},
    "/api/connections/{connection_id}/sync": {},
    "/api/edges/{kind}/{src}/{dst}/review": {"verdict": "confirm", "note": "seen"},
    "/api/graph/ask": {"question": "top advocates"},
    "/api/graph/sql": {"sql": "select count(*) from graph_node"},
    "/api/segments": {"name": "Matrix", "condition": {"type": "all", "of": []}},
    "/api/segments/preview": {"condition": {"type": "all", "of": []}},
    "/api/vocabulary": {"side": "edge", "name": "x_mentors", "about": "One person mentors another."},
    "/api/programs/{program}/simulate": {"version": 1, "months": 3},
    "/api/programs/{program}/publish": {"version": 1},
    "/api/programs/{program}/confirm": {"version": 1},
    "/api/programs/{program}/reject": {"version": 1},
    "/api/programs/{program}/rollback": {"version": 1},
    "/api/programs/{program}/state": {"state": "live"},
    "/api/programs/{program}/applications": {"name": "Ida", "email": "ida@matrix.example"},
    "/api/programs/{program}/submissions": {"bounty": "review", "advocate_id": str(UUID(int=0))},
    "/api/programs/{program}/registrations": {"advocate_id": str(UUID(int=0)), "company": "X", "domain": "x.example"},
    "/api/applications/{application_id}/decide": {"verdict": "approved"},
    "/api/submissions/{submission_id}/review": {"verdict": "approved"},
    "/api/registrations/{registration_id}/decide": {"verdict": "approved"},
    "/api/registrations/{registration_id}/stage": {"stage": "qualified"},
    "/api/advocates/{advocate_id}/parent": {"parent_id": str(UUID(int=0))},
    "/api/playbooks/{slug}/dry-run": {"days": 30},
    "/api/playbooks/{slug}/rollback": {"version": 0},
    "/api/asks/{ask_id}/rewrite": {},
    "/api/inference/review/{review_id}": {"label": "none"},
    "/api/autonomy/{step}": {"level": 0},
    "/api/autonomy/{step}/bounds": {"budget": "asks_per_day", "value": 5, "low": 1, "high": 9},
    "/api/autonomy/stop": {"on": True},
    "/api/autonomy/ceiling": {"level": 0},
    "/api/experts/{name}/challenger": {"segment": "enterprise", "stage": "value", "on": False},
    "/api/experts/language/consent": {"allowed": False},
}
# What a route must be asked with.
QUERIES = {"/api/graph/path": "?from={persona_id}&to={company_id}", "/api/playbooks/{slug}/diff": "?from=0&to=0",
    "/api/programs/{program}/diff": "?before=0&after=1",
}  # fmt: skip


def routes() -> list[tuple[str, str, str]]:
    """(method, path, classification) of every route."""
    api = create_api(None, Settings.load({}))
    return sorted((m, r.path, classification(r) or "") for r in all_routes(api) for m in r.methods or ())


def filled(path: str, f: Furnished) -> str:
    """The path with this workspace's ids in it."""
    kind, src, dst = f.edge
    ids = {
        "ask_id": f.ask, "persona_id": f.persona, "entity_id": f.persona, "company_id": f.company,
        "message_id": f.message, "reward_id": f.reward, "referral_id": f.case, "payout_id": f.payout, "advocate_id": f.advocate, "payee_id": f.payee, "rail": "sepa", "subject": f"reward:{f.reward}",
        "source_id": f.source, "letter_id": f.letter, "run_id": f.letter_run, "replay_id": f.replay, "suppression_id": f.suppression,
        "connection_id": f.connection, "proposal_id": f.proposal, "segment_id": f.segment, "conversion_id": f.conversion, "link_id": f.link, "alias": f"{f.word}-alias", "host": f"go.{f.word.lower()}.example", "review_id": f.review, "moment_id": f.moment, "kind": kind, "src": src, "dst": dst, "code": f.code, "slug": "renewal-enterprise-fintech",
        "experiment_id": "referrals", "program": f.program, "simulation_id": f.simulation,
        "application_id": f.application, "submission_id": f.submission, "registration_id": f.registration,
        "decision_id": str(UUID(int=0)),
        "disbursement_id": str(content_id("disbursement", str(f.workspace), f.payout, f.advocate)),
        "name": "vertical", "budget": "contacts", "step": f"step of {f.word}",
    }  # fmt: skip
    path += QUERIES.get(path, "")
    token = f.unsubscribe if path.startswith("/u/") else f.portal
    return path.format(**ids, token=token)


def body(path: str, f: Furnished) -> Any:
    """A valid body for a write, with this workspace's ids."""
    return {"reward_ids": [f.reward]} if path == "/api/payouts" else BODIES.get(path, {})
