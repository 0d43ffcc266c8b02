"""Cases in the form of the published ones, of our own invention: other resources, settings, API shapes and topics.

The same reader and the same definitions must hold on what was never seen; nothing here is special to a case.
"""

from typing import Any

import msgspec
import pytest

from tests.contracts.hull import cases_of, expected_of
from tests.contracts.test_vectors_hull import differences, events_of


def _takes(service: str, hull: str) -> dict[str, Any]:
    return {"service": service, "hull": hull, "overwrite": True}


# fmt: off
CASES: list[tuple[str, dict[str, Any]]] = [
("hubspot", {"file": "x/fetch-recent-users-merge.js", "connector": {"private_settings": {"incoming_user_claims": [{"hull": "email", "service": "properties.email.value"}], "incoming_user_attributes": [_takes("properties.hs_lead_status.value", "traits_hubspot/lead_status"),_takes("`merged-vids`", "traits_hubspot/merged_vids"),_takes("properties.createdate.value", "traits_hubspot/created_at"),_takes("properties.num_deals.value", "traits_hubspot/num_deals")]}},
 "api": [{"method": "GET", "base": "https://api.hubapi.com", "path": "/contacts/v1/lists/recently_updated/contacts/recent?count=100", "status": 200, "reply": {"contacts": [{"vid": 7, "canonical-vid": 7, "merged-vids": [5, 6], "properties": {"email": {"value": "X@Y.de"}, "hs_lead_status": {"value": "OPEN"}, "num_deals": {"value": "3"}, "createdate": {"value": "1484858431084"}, "associatedcompanyid": {"value": "42"}}, "identity-profiles": [{"vid": 7, "identities": [{"type": "EMAIL", "value": "x@y.de"}]}]}], "has-more": False, "vid-offset": 7, "time-offset": 1}}],
 "firehoseEvents": [["traits", {"asUser": {"email": "x@y.de", "anonymous_id": "hubspot:7"}, "subjectType": "user"}, {"hubspot/lead_status": "OPEN", "hubspot/merged_vids": [5, 6], "hubspot/num_deals": 3, "hubspot/created_at": "1484858431084", "hubspot/id": 7}],
  ["alias", {"asUser": {"anonymous_id": "hubspot:7"}, "subjectType": "user"}, {"anonymous_id": "hubspot:5"}],
  ["traits", {"asUser": {"email": "x@y.de", "anonymous_id": "hubspot:7"}, "asAccount": {"anonymous_id": "hubspot:42"}, "subjectType": "account"}, {}]]}),
("hubspot", {"file": "x/fetch-all-companies.js", "connector": {"private_settings": {"incoming_account_attributes": [_takes("properties.industry.value", "hubspot/industry"),_takes("properties.annualrevenue.value", "hubspot/annual_revenue"),_takes("properties.name.value", "hubspot/name")], "incoming_account_claims": [{"hull": "domain", "service": "properties.website.value"}, {"hull": "external_id", "service": "properties.cust_id.value"}]}},
 "api": [{"method": "GET", "base": "https://api.hubapi.com", "path": "/companies/v2/companies/paged?limit=100&properties=name", "status": 200, "reply": {"companies": [{"companyId": 9, "properties": {"name": {"value": "Acme"}, "website": {"value": "http://www.acme.de/"}, "industry": {"value": "TOYS"}, "annualrevenue": {"value": "1000000"}, "cust_id": {"value": "c-9"}}}], "has-more": False, "offset": 9}}],
 "firehoseEvents": [["traits", {"asAccount": {"domain": "acme.de", "external_id": "c-9", "anonymous_id": "hubspot:9"}, "subjectType": "account"}, {"hubspot/industry": "TOYS", "hubspot/annual_revenue": 1000000, "hubspot/name": "Acme", "name": {"operation": "setIfNull", "value": "Acme"}, "hubspot/id": 9}]]}),
("hubspot", {"file": "x/receive-contact-deleted-webhook.js", "connector": {"private_settings": {"portal_id": "1"}}, "api": [], "firehoseEvents": [["traits", {"asUser": {"anonymous_id": "hubspot:5"}, "subjectType": "user"}, {"hubspot/deleted_at": 1567689104280}]]}),
("intercom", {"file": "x/fetch-all-leads.js", "connector": {"private_settings": {"lead_claims": [{"hull": "email", "service": "email"}], "incoming_lead_attributes": [_takes("external_id", "intercom_lead/lead_id"),_takes("custom_attributes.c_domain", "intercom_lead/domain2"),_takes("companies", "intercom_lead/companies"),_takes("last_seen_at", "intercom_lead/last_seen_at"),_takes("location.city", "intercom_lead/city")]}},
 "api": [{"method": "POST", "base": "https://api.intercom.io", "path": "/contacts/search", "requestBody": {"query": {"operator": "AND", "value": [{"field": "updated_at", "operator": ">", "value": 0}, {"field": "role", "operator": "=", "value": "lead"}]}}, "status": 200, "reply": {"type": "list", "data": [{"type": "contact", "id": "L1", "external_id": "ext", "role": "lead", "email": "l@x.de", "last_seen_at": 1593169501, "updated_at": 1, "custom_attributes": {"c_domain": "x.de"}, "location": {"city": "Bonn"}, "companies": {"data": [{"id": "k1"}]}}], "pages": {}}},
  {"method": "GET", "base": "https://api.intercom.io", "path": "/contacts/L1/companies", "status": 200, "reply": {"data": [{"id": "k1", "name": "K"}]}}],
 "firehoseEvents": [["traits", {"asUser": {"email": "l@x.de", "anonymous_id": "intercom-lead:lead-L1"}, "subjectType": "user"}, {"intercom_lead/lead_id": {"operation": "set", "value": "ext"}, "intercom_lead/domain2": {"value": "x.de"}, "intercom_lead/companies": {"operation": "set", "value": ["K"]}, "intercom_lead/last_seen_at": {"operation": "set", "value": 1593169501}, "intercom_lead/city": {"operation": "set", "value": "Bonn"}}],
  ["traits", {"asUser": {"email": "l@x.de", "anonymous_id": "intercom-lead:lead-L1"}, "asAccount": {"anonymous_id": "intercom:k1"}, "subjectType": "account"}, {}]]}),
("intercom", {"file": "x/fetch-companies.js", "connector": {"private_settings": {"account_claims": [{"hull": "external_id", "service": "company_id"}, {"hull": "domain", "service": "website"}], "incoming_account_attributes": [_takes("session_count", "intercom/web_sessions"),_takes("tags", "intercom/tags"),_takes("plan.name", "intercom/plan_name"),_takes("size", "intercom/size"),_takes("created_at", "intercom/created_at"),_takes("custom_attributes.tier level", "intercom/tier")]}},
 "api": [{"method": "GET", "base": "https://api.intercom.io", "path": "/companies?per_page=50&page=1&order=desc", "status": 200, "reply": {"type": "list", "data": [{"type": "company", "id": "k1", "company_id": "e1", "website": "https://k.de", "session_count": 3, "size": 12, "plan": {"name": "pro"}, "created_at": 1593169501, "custom_attributes": {"tier level": "gold"}, "tags": {"type": "tag.list", "tags": [{"id": "1", "name": "T"}]}}], "pages": {"next": None}}}],
 "firehoseEvents": [["traits", {"asAccount": {"external_id": "e1", "domain": "k.de", "anonymous_id": "intercom:k1"}, "subjectType": "account"}, {"intercom/web_sessions": {"value": 3}, "intercom/tags": {"value": ["T"]}, "intercom/plan_name": {"value": "pro"}, "intercom/size": {"value": 12}, "intercom/created_at": {"value": 1593169501}, "intercom/tier": {"value": "gold"}}]]}),
("intercom", {"file": "x/webhook-user-unsub.js", "configuration": {"private_settings": {"user_claims": [{"hull": "email", "service": "email"}]}}, "input": {"body": {"type": "notification_event", "topic": "user.unsubscribed", "id": "n", "created_at": 1596633761, "data": {"item": {"type": "user", "id": "u1", "email": "a@b.de", "unsubscribed_from_emails": True}}}},
 "serviceRequests": [{"name": "hull", "op": "asUser", "input": {"ident": {"email": "a@b.de", "anonymous_id": "intercom-user:user-u1"}, "events": [{"eventName": "Unsubscribed from emails", "context": {"created_at": 1596633761}, "properties": {"topic": "user.unsubscribed"}}]}}]}),
("intercom", {"file": "x/webhook-conv-user.js", "configuration": {"private_settings": {"user_claims": [{"hull": "email", "service": "email"}]}}, "input": {"body": {"type": "notification_event", "topic": "conversation.user.replied", "id": "n", "created_at": 1596633761, "data": {"item": {"type": "conversation", "id": "9", "user": {"type": "contact", "id": "u1", "email": "a@b.de"}, "links": {"conversation_web": "L"}, "assignee": {"id": "3", "name": "A", "email": "a@us.de"}, "conversation_parts": {"conversation_parts": [{"part_type": "comment", "body": "<p>x</p>", "author": {"type": "user", "id": "u1"}}]}}}}},
 "serviceRequests": [{"name": "hull", "op": "asUser", "input": {"ident": {"email": "a@b.de", "anonymous_id": "intercom-lead:lead-u1"}, "events": [{"eventName": "User replied to conversation", "context": {"created_at": 1596633761}, "properties": {"topic": "conversation.user.replied", "link": "L", "assignee_id": "3"}}]}}]}),
("salesforce", {"file": "x/contacts.js", "connector": {"private_settings": {"source": "sf", "contact_claims": [{"hull": "email", "service": "Email2__c"}, {"hull": "external_id", "service": "Ext__c"}], "contact_attributes_inbound": [_takes("Account.Name", "traits_salesforce_contact/account_name"),_takes("Score__c", "traits_salesforce_contact/score"),_takes("Title", "traits_salesforce_contact/job_title"),_takes("CreatedDate", "traits_salesforce_contact/created_at")]}},
 "api": [{"method": "GET", "base": "https://x", "path": "/services/data/v39.0/query", "query": "__fn__", "status": 200, "reply": {"totalSize": 1, "done": True, "records": [{"attributes": {"type": "Contact"}, "Id": "003A", "Email2__c": "a@b.de", "Ext__c": "e9", "AccountId": "001B", "Score__c": 3.5, "Title": "CTO", "Account": {"Name": "B"}, "CreatedDate": "2019-07-01T13:16:20.000+0000"}]}}],
 "firehoseEvents": [["traits", {"asUser": {"email": "a@b.de", "external_id": "e9", "anonymous_id": "sf-contact:003A"}, "subjectType": "user"}, {"sf_contact/account_name": {"value": "B"}, "sf_contact/score": {"value": 3.5}, "sf_contact/job_title": {"value": "CTO"}, "sf_contact/id": {"value": "003A"}, "sf_contact/created_at": {"value": "2019-07-01T13:16:20.000+0000"}}],
  ["traits", {"asUser": {"email": "a@b.de", "anonymous_id": "sf-contact:003A"}, "asAccount": {"anonymous_id": "sf:001B"}, "subjectType": "account"}, {}]]}),
("salesforce", {"file": "x/tasks.js", "connector": {"private_settings": {"source": "sf"}},
 "api": [{"method": "GET", "base": "https://x", "path": "/services/data/v39.0/query", "query": "__fn__", "status": 200, "reply": {"totalSize": 2, "done": True, "records": [{"attributes": {"type": "Task"}, "Id": "00T1", "Subject": "s", "WhoId": "00QX", "Who": {"Type": "Lead"}, "CreatedDate": "2019-07-01T13:16:20.000+0000", "Type": "Call"}, {"attributes": {"type": "Task"}, "Id": "00T2", "Subject": "s", "WhoId": "003X", "Who": {"Type": "Contact"}, "CreatedDate": "2019-07-01T13:16:20.000+0000", "Type": "Meeting"}]}}],
 "firehoseEvents": [["track", {"asUser": {"anonymous_id": "sf-lead:00QX"}, "subjectType": "user"}, {"event": "Salesforce Task:Call", "created_at": "2019-07-01T13:16:20.000+0000", "properties": {"Subject": "s"}}], ["track", {"asUser": {"anonymous_id": "sf-contact:003X"}, "subjectType": "user"}, {"event": "Salesforce Task:Meeting", "created_at": "2019-07-01T13:16:20.000+0000", "properties": {}}]]}),
]
# fmt: on


@pytest.mark.parametrize(("connector", "raw"), CASES, ids=[raw["file"] for _, raw in CASES])
async def test_what_was_never_seen_holds_too(connector: str, raw: dict[str, Any]) -> None:
    [case] = cases_of(msgspec.json.encode(raw).decode(), connector)
    assert differences(expected_of(case), await events_of(case)) == []
