"""Twenty-five cases of another customer-data platform: from its API replies and webhooks ours learns what it learned.

Checked per case: every identity claim (e-mail, external id, domain, and its anonymous ids, which are our records' own
ids), every trait value, every link between person and company, every event's name and time.

Equal means: times agree to the second however they are written (epoch or ISO); numbers agree whether sent as text or
number; a null or an empty list of theirs is a trait of ours that is absent or empty; a trait of theirs that we have a
typed field for (`job_title`, `numberofemployees`) is compared there; names are compared without case and punctuation.
Event names are equal because the definition itself gives every topic a plain English name; our kind stands beside it.
"""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from honeyguide.connectors.recorded import play
from honeyguide.core import normalise
from honeyguide.core.terms import CanonicalEvent
from honeyguide.funnel.decode import fields, records
from honeyguide.funnel.definitions import definition_of
from honeyguide.identity.evidence import observe
from tests.contracts import hull
from tests.contracts.hull import Case, Expected, cases_of, expected_of, ext_id_of
from tests.contracts.rows import read, source_of

CONNECTORS = ("hubspot", "intercom", "salesforce")
# Expectations held to be wrong for us, each with the reason. A line that no longer differs fails the test.
OTHERWISE = {
    ("hubspot/receive-company-deleted-webhook", "trait id"): "They erase the id of what was deleted; our record keeps the "
    "id it was deleted under, or nobody could say what is gone or merge it when it comes back.",
}  # fmt: skip


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    folder = Path(__file__).resolve().parents[3] / "shared" / "vectors" / "hull-connectors"
    if not folder.exists():
        pytest.skip("the vectors are not here")
    return [c for name in CONNECTORS for c in cases_of((folder / name / "cases.jsonl").read_text(), name)]


async def events_of(case: Case) -> list[CanonicalEvent]:
    """What the product's own code makes of the case: its paging over the replies, its door for the webhook."""
    source = source_of(case.connector, overrides=hull.overrides_of(case))
    definition = definition_of(source)
    assert definition is not None
    played = await play(definition, hull.recording_of(case, definition))
    assert played, "nothing in the case is for any stream"
    for one in played:
        # A published list may break off where its last reply still says there is more; nothing else may go wrong.
        assert all("asked for and is not recorded" in problem for problem in one.problems), one.problems
        assert not any(row.problem for row in one.rows)
    return [e for one in played for row in one.rows for e in row.events] + read(hull.more_of(case, definition), source)


def differences(wanted: list[Expected], events: list[CanonicalEvent]) -> list[str]:
    """What ours lacks of what they wrote."""
    seen = observe(events)
    known: dict[tuple[str, str], tuple[dict[str, Any], set[tuple[str, str]]]] = {}
    for record in seen.records.values():
        identifiers = {
            (ns, value) for kind, ns, value, owner in seen.signs if owner == record.id and kind == record.kind
        }
        known[record.kind, record.ext_id] = ({k: v["v"] for k, v in record.traits.items()}, identifiers)
    found = []
    for expected in wanted:
        ident = ext_id_of(expected.claims["anonymous_id"]) if "anonymous_id" in expected.claims else ""
        if (expected.kind, ident) not in known:
            found.append(f"record {expected.kind} {ident}")
            continue
        traits, identifiers = known[expected.kind, ident]
        found += [f"claim {c}" for c, v in expected.claims.items() if not _claimed(c, v, identifiers)]
        found += [f"trait {n}" for n, v in expected.traits.items() if not _has(expected.kind, n, v, traits, ident)]
        if expected.link is not None and not _linked(expected, ident, events):
            found.append("link")
        if expected.merged and not _merged(ident, expected.merged, events):
            found.append(f"merge {expected.merged}")
        if expected.event is not None and not _happened(expected, ident, events):
            found.append(f"event {expected.event['name']}")
    return found


def _claimed(claim: str, value: Any, identifiers: set[tuple[str, str]]) -> bool:
    if claim == "email":
        return ("email", normalise.email(value)) in identifiers
    if claim == "domain":
        return ("domain", normalise.registrable_domain(value)) in identifiers
    if claim == "external_id":
        return any(ns.startswith("external:") and v == str(value) for ns, v in identifiers)
    return claim == "anonymous_id"  # the record was found by it


def _has(kind: str, name: str, value: Any, traits: dict[str, Any], ident: str) -> bool:
    if name == "id":
        return str(value) == ident
    typed = (records.person_traits if kind == "persona" else records.company_traits)({name: value})
    typed = typed or {name: value}
    ours = {fields.key_of(k): v for k, v in traits.items()} | traits
    return all(
        _equal(v, ours.get(k, ours.get(fields.key_of(k))), k) for k, v in typed.items() if k != "name" or name == "name"
    )


def _equal(theirs: Any, ours: Any, name: str) -> bool:
    if theirs is None or theirs == []:
        return ours is None or ours == []
    if theirs == ours:
        return True
    if isinstance(theirs, bool) or isinstance(ours, bool) or ours is None:
        return False
    a, b = fields.number(theirs), fields.number(ours)
    if a is not None and b is not None:
        return a == b
    one, other = fields.instant(theirs), fields.instant(ours)
    return one is not None and other is not None and abs((one - other).total_seconds()) < 1 and name.endswith("at")


def _linked(expected: Expected, ident: str, events: list[CanonicalEvent]) -> bool:
    assert expected.link is not None
    other = ext_id_of(expected.link["anonymous_id"])
    pair = (ident, other) if expected.kind == "persona" else (other, ident)
    return any(e.person and e.company and (e.person.ext_id, e.company.ext_id) == pair for e in events)


def _merged(ident: str, gone: str, events: list[CanonicalEvent]) -> bool:
    return any(e.kind == "records.merged" and {ident, gone} <= {r.ext_id for r in e.records()} for e in events)


def _happened(expected: Expected, ident: str, events: list[CanonicalEvent]) -> bool:
    theirs = expected.event or {}
    at = fields.instant(theirs["at"])
    return any(
        fields.key_of(e.name) == fields.key_of(theirs["name"])
        and at is not None
        and abs((e.at - at).total_seconds()) < 1
        and e.person is not None
        and e.person.ext_id == ident
        and all(str(e.props[k]) == str(v) for k, v in theirs["props"].items() if k in e.props)
        for e in events
    )


async def test_every_case_says_for_us_what_it_said_for_them(cases: list[Case]) -> None:
    wrong = {case.name: found for case in cases if (found := differences(expected_of(case), await events_of(case)))}
    assert {(name, f) for name, found in wrong.items() for f in found} == set(OTHERWISE)
    assert len(cases) >= 25
    assert sum(len(expected_of(case)) for case in cases) >= 30


async def test_the_comparison_sees_every_difference(cases: list[Case]) -> None:
    """What they wrote, changed in one place at a time: each change must show, or the test above shows nothing."""
    seen = 0
    for case in cases:
        events = await events_of(case)
        for n, expected in enumerate(expected_of(case)):
            changed = [
                (f"trait {name}", msgspec.structs.replace(expected, traits=expected.traits | {name: "☃"}))
                for name in expected.traits
            ] + [
                (
                    f"claim {claim}",
                    msgspec.structs.replace(expected, claims=expected.claims | {claim: "snow@man.example"}),
                )
                for claim in expected.claims.keys() - {"anonymous_id"}
            ]
            if expected.event is not None:
                other = expected.event | {"at": (fields.number(expected.event["at"]) or 0) + 5}
                name = f"event {expected.event['name']}"
                changed += [(name, msgspec.structs.replace(expected, event=other))]
                changed += [
                    (f"event {n}x", msgspec.structs.replace(expected, event=expected.event | {"name": f"{n}x"}))
                ]
            for difference, one in changed:
                assert difference in differences([one], events), (case.name, difference)
            seen += len(changed)
    assert seen > 200
