"""HubSpot's CRM objects: contacts, companies, deals with the history of their stages, and feedback.

The story tells the CRM's side as calls (`demo.crm`); here they are folded into the objects as they stand, each with the time
of its last change, and into the notices HubSpot would send about a change.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from honeyguide.core.money import exponent
from honeyguide.demo import correspondence
from honeyguide.demo.event import DemoEvent
from honeyguide.demo.vendors.books import Page, Record, Shelf

Notice = dict[str, Any]
LEFT = "LEFT_COMPANY"
_PORTAL = 26_043_117
_CONTACT = {
    "firstName": "firstname", "lastName": "lastname", "email": "email", "jobTitle": "jobtitle", "phone": "phone",
    "timezone": "hs_timezone", "department": "department", "source": "hs_analytics_source",
}  # fmt: skip
_COMPANY = {
    "name": "name", "domain": "domain", "industry": "industry", "country": "country", "city": "city",
    "employees": "numberofemployees", "owner": "hubspot_owner_id", "lifecycle": "lifecyclestage", "segment": "segment",
    "plan": "plan", "mrr_minor": "mrr_minor", "currency": "currency",
}  # fmt: skip
_KINDS = ("contacts", "companies", "deals", "feedback_submissions", "notes", "emails")
# Properties of Tidewater's own, which HubSpot returns only to whoever asks for them.
OWN = {"contacts": ["department"], "companies": ["segment", "plan", "mrr_minor", "currency"]}


class HubSpot:
    """Answers the object APIs of v3: search, one by id, and lists."""

    def __init__(self) -> None:
        self.shelves: dict[str, Shelf] = {kind: Shelf() for kind in _KINDS}
        self._notices = 0

    def take(self, event: DemoEvent) -> Notice | None:
        """Fold a call of the CRM into the objects. Returns the notice HubSpot would send (surveys have none)."""
        call, at = event.payload, _ms(event.at)
        if call["type"] == "group":
            return self._company(call, at)
        if call["type"] == "identify":
            return self._contact(str(call["userId"]), call["traits"], at)
        reader: Callable[[dict[str, Any], int], Notice | None] | None = {
            "Contact Left Company": self._left, "Consent Changed": self._consent, "Contacts Merged": self._merged,
            "Survey Answered": self._survey, correspondence.NOTE: self._note, correspondence.MAIL: self._mail,
        }.get(call["event"])  # fmt: skip
        return reader(call, at) if reader else self._deal(call, at)

    # What the story tells

    def _company(self, call: dict[str, Any], at: int) -> Notice:
        told = {_COMPANY[k]: str(v) for k, v in call["traits"].items() if k in _COMPANY and v not in ("", None)}
        return self._change("companies", str(call["groupId"]), told, at, "hs_lastmodifieddate")

    def _contact(self, ident: str, traits: dict[str, Any], at: int) -> Notice:
        told = {_CONTACT[k]: str(v) for k, v in traits.items() if k in _CONTACT and v not in ("", None)}
        if "consent_email" in traits:
            told["hs_email_optout"] = "false" if traits["consent_email"] else "true"
        if company := (traits.get("company") or {}).get("id"):
            told["associatedcompanyid"] = str(company)
            known = self.shelves["contacts"].records.get(ident)
            if known and known.body["properties"].get("associatedcompanyid") not in (None, str(company)):
                told["hs_lead_status"] = ""  # whoever left is with somebody else now
        return self._change("contacts", ident, told, at, "lastmodifieddate")

    def _left(self, call: dict[str, Any], at: int) -> Notice:
        ident = str(call["userId"])
        self._change("contacts", ident, {"hs_lead_status": LEFT}, at, "lastmodifieddate")
        left = {"fromObjectId": int(ident), "toObjectId": int(call["properties"]["left_company_ref"])}
        return self._notice(
            "contact.associationChange", at, **left, associationType="CONTACT_TO_COMPANY", associationRemoved=True
        )

    def _consent(self, call: dict[str, Any], at: int) -> Notice:
        out = "true" if call["properties"]["state"] == "withdrawn" else "false"
        return self._change("contacts", str(call["userId"]), {"hs_email_optout": out}, at, "lastmodifieddate")

    def _merged(self, call: dict[str, Any], at: int) -> Notice:
        kept, gone = str(call["properties"]["kept"]), [str(i) for i in call["properties"]["merged"]]
        for ident in gone:
            self.shelves["contacts"].remove(ident)
        known = self.shelves["contacts"].records.get(kept)
        before = str(known.body["properties"].get("hs_merged_object_ids", "")) if known else ""
        all_gone = ";".join(dict.fromkeys([*filter(None, before.split(";")), *gone]))
        self._change("contacts", kept, {"hs_merged_object_ids": all_gone}, at, "lastmodifieddate")
        ids = {"primaryObjectId": int(kept), "mergedObjectIds": [int(i) for i in gone], "newObjectId": int(kept)}
        return self._notice("contact.merge", at, objectId=int(kept), **ids)

    def _survey(self, call: dict[str, Any], at: int) -> None:
        said, contact = call["properties"], str(call["userId"])
        known = self.shelves["contacts"].records.get(contact)
        told = {
            "hs_survey_name": said["survey"], "hs_survey_type": "NPS", "hs_value": str(said["score"]),
            "hs_content": said.get("comment", ""), "hs_submission_timestamp": _iso(at),
            "hs_contact_email_rollup": known.body["properties"].get("email", "") if known else "",
        }  # fmt: skip
        ident = str(int(call["messageId"][-12:], 16))
        self._change("feedback_submissions", ident, told, at, "hs_lastmodifieddate", {"contacts": [contact]})

    def _note(self, call: dict[str, Any], at: int) -> None:
        told = {"hs_note_body": call["properties"]["body"], "hs_timestamp": _iso(at)}
        self._engagement("notes", call, told, at)

    def _mail(self, call: dict[str, Any], at: int) -> None:
        said = call["properties"]
        told = {
            "hs_email_subject": said["subject"], "hs_email_text": said["body"], "hs_email_from_email": said["from"],
            "hs_email_direction": "INCOMING_EMAIL", "hs_email_status": "SENT", "hs_timestamp": _iso(at),
        }  # fmt: skip
        self._engagement("emails", call, told, at)

    def _engagement(self, kind: str, call: dict[str, Any], told: dict[str, str], at: int) -> None:
        ident = str(int(call["messageId"][-12:], 16))
        company = str((call.get("context") or {}).get("groupId") or "")
        among = {"contacts": [str(call["userId"])], "companies": [company] if company else []}
        told["hubspot_owner_id"] = call["properties"].get("owner", "")
        self._change(kind, ident, told, at, "hs_lastmodifieddate", among)

    def _deal(self, call: dict[str, Any], at: int) -> Notice:
        said, ident = call["properties"], str(call["properties"]["deal"])
        currency = str(said["currency"])
        told = {
            "dealname": said["name"], "amount": _major(int(said["amount_minor"]), currency), "deal_currency_code": currency,
            "dealstage": said["stage"], "pipeline": "default", "hubspot_owner_id": said.get("owner", ""),
        }  # fmt: skip
        if said["stage"] in ("closedwon", "closedlost"):
            told |= {
                "closedate": _iso(at),
                "hs_is_closed": "true",
                "hs_is_closed_won": str(said["stage"] == "closedwon").lower(),
            }
            told["closed_lost_reason"] = said.get("reason", "")
        company = str((call.get("context") or {}).get("groupId") or "")
        among = {"contacts": [str(call["userId"])], "companies": [company] if company else []}
        notice = self._change("deals", ident, told, at, "hs_lastmodifieddate", among)
        history = self.shelves["deals"].records[ident].body["propertiesWithHistory"]["dealstage"]
        if not history or history[0]["value"] != said["stage"]:
            history.insert(0, {"value": said["stage"], "timestamp": _iso(at), "sourceType": "CRM_UI"})
        return notice

    def _change(
        self,
        kind: str,
        ident: str,
        told: dict[str, str],
        at: int,
        stamp: str,
        among: dict[str, list[str]] | None = None,
    ) -> Notice:
        shelf = self.shelves[kind]
        known = shelf.records.get(ident)
        before: dict[str, Any] = (
            known.body if known else {"properties": {"createdate": _iso(at)}, "createdAt": _iso(at)}
        )
        at = max(at, known.changed if known else 0)
        body = {
            **before, "id": ident, "updatedAt": _iso(at), "archived": False,
            "properties": {**before["properties"], **told, stamp: _iso(at)},
            "associations": {k: {"results": [{"id": i, "type": k[:-1]} for i in ids]} for k, ids in (among or {}).items()},
            "propertiesWithHistory": before.get("propertiesWithHistory", {"dealstage": []}),
        }  # fmt: skip
        shelf.put(ident, at, body)
        noun = {"contacts": "contact", "companies": "company", "deals": "deal"}.get(kind, kind)
        verb = "propertyChange" if known else "creation"
        return self._notice(f"{noun}.{verb}", at, objectId=int(ident))

    def _notice(self, kind: str, at: int, **more: Any) -> Notice:
        self._notices += 1
        return {
            "eventId": self._notices, "subscriptionId": 1, "portalId": _PORTAL, "appId": 7_204, "occurredAt": at,
            "subscriptionType": kind, "attemptNumber": 0, "changeSource": "CRM", **more,
        }  # fmt: skip

    # What is asked

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> dict[str, Any] | None:
        """The reply to a request, or None when there is nothing at this path."""
        parts = path.strip("/").split("/")
        if path == "/crm/v3/owners":
            return {"results": []}
        if parts[:3] != ["crm", "v3", "objects"] or len(parts) < 4 or parts[3] not in self.shelves:
            return None
        shelf = self.shelves[parts[3]]
        if method == "POST" and parts[4:] == ["search"]:
            return self._search(shelf, body or {})
        if method == "GET" and len(parts) == 5:
            found = shelf.records.get(parts[4])
            return _whole(shelf.give([found])[0], query) if found else None
        if method == "GET" and len(parts) == 4:
            if query.get("archived") == "true":
                return {"results": []}
            page = shelf.page(0, int(query.get("after", "0")), min(int(query.get("limit", "10")), 100))
            return {"results": [_whole(r, query) for r in page.records], **_paging(page)}
        return None

    def _search(self, shelf: Shelf, body: dict[str, Any]) -> dict[str, Any]:
        since = 0
        for one in (body.get("filterGroups") or [{}])[0].get("filters", []):
            if one.get("operator") == "GTE":
                since = _since(one.get("value"))
        page = shelf.page(since, int(body.get("after") or 0), min(int(body.get("limit", 10)), 100))
        wanted = set(body.get("properties") or ())
        rows = [_chosen(r, wanted) for r in page.records]
        return {"total": page.total, "results": rows, **_paging(page)}


def _chosen(record: Record, wanted: set[str]) -> dict[str, Any]:
    kept = {k: v for k, v in record.body["properties"].items() if k in wanted}
    plain = {k: v for k, v in record.body.items() if k not in ("associations", "propertiesWithHistory")}
    return {**plain, "properties": kept}


def _whole(record: Record, query: dict[str, str]) -> dict[str, Any]:
    """A record with the properties, associations and histories that were asked for."""
    wanted = {w for w in query.get("properties", "").split(",") if w}
    told = _chosen(record, wanted) if wanted else {**_chosen(record, set()), "properties": record.body["properties"]}
    among = {w for w in query.get("associations", "").split(",") if w}
    if among:
        told["associations"] = {k: v for k, v in record.body["associations"].items() if k in among}
    if "propertiesWithHistory" in query:
        told["propertiesWithHistory"] = record.body["propertiesWithHistory"]
    return told


def _paging(page: Page) -> dict[str, Any]:
    return {} if page.next is None else {"paging": {"next": {"after": str(page.next)}}}


def _since(value: Any) -> int:
    text = str(value or "0")
    return int(float(text)) if text.replace(".", "", 1).isdigit() else _ms(datetime.fromisoformat(text))


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def _iso(ms: int) -> str:
    at = datetime.fromtimestamp(ms / 1000, UTC)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{ms % 1000:03d}Z"


def _major(minor: int, currency: str) -> str:
    places = exponent(currency)
    return f"{minor / 10**places:.{places}f}" if places else str(minor)
