"""Reading the cases of another platform's connectors: what went in, what came out, and what its settings asked for.

A case becomes (1) overrides of our definition, from its own configured attributes and claims; (2) rows of the log, from
its API replies or its webhook; (3) expectations: claims, traits, links and events. Nothing here knows a single case:
paths are translated by rule, and expressions of other languages than paths by the visible table `EXPRESSIONS`.
"""

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from honeyguide.connectors.recorded import Recording
from honeyguide.connectors.templates import path_of
from honeyguide.core.errors import BadInput
from honeyguide.funnel.definitions import Definition, StreamSpec, library, message_id, path
from honeyguide.funnel.definitions.spec import RequestSpec
from tests.contracts.rows import row_of

Json = Any
# Expressions in JSONata have no general translation into paths; each is written out once, by what it means.
EXPRESSIONS: dict[str, Json] = {
    "`canonical-vid` ? `canonical-vid` : `vid`": '"canonical-vid" || vid',
    "properties.lastname.value & ' some string ' & $string(100)": {
        "template": "{properties.lastname.value} some string 100"
    },
    # The title of the form whose id stands before `::`.
    "$filter(`form-submissions`,function($v,$i,$a){$v.`form-id`=$substringBefore(properties.hs_calculated_form_submissions.value,'::')}).'title'": (
        'lookup(object_of("form-submissions"[]."form-id", "form-submissions"[].title), '
        "before(properties.hs_calculated_form_submissions.value, '::'))"
    ),
}
# Paths into objects that the other platform reads in one spelling, whichever version of the API gave them: our traits.
SAME_AS_OURS = {"location.city": "city", "location.country": "country", "location.region": "region"}
# Which of our maps read the entity a setting of theirs is about.
MAPS = {
    "hubspot": {"user": ["contacts"], "account": ["companies"]},
    "intercom": {"user": ["contacts"], "lead": ["contacts"], "account": ["companies"]},
    "salesforce": {"contact": ["contacts"], "lead": ["leads"], "account": ["accounts"]},
}
# A webhook's handler may ask the API for more; the reply is the child of ours that asks the same.
CHILDREN = {
    "getContactTags": "tags", "getContactSegments": "segments", "getContactCompanies": "companies",
    "getCompanySegments": "segments", "getCompanyTags": "tags",
}  # fmt: skip
_JSON = {"content-type": "application/json"}
_NAME = re.compile(r"[A-Za-z_]\w*")
_SETTING = re.compile(r"(?:incoming_)?(user|lead|contact|account)_(?:attributes(?:_inbound)?|claims)")


class Case(msgspec.Struct):
    """One line of a file of cases."""

    file: str
    test: str
    connector: str
    settings: dict[str, Json]
    api: list[dict[str, Json]]
    hook: Json
    firehose: list[Json]
    requests: list[dict[str, Json]]

    @property
    def name(self) -> str:
        return f"{self.connector}/{self.file.rsplit('/', 1)[-1].removesuffix('.js')}"


class Expected(msgspec.Struct):
    """What the other platform wrote about one person or company."""

    kind: str
    claims: dict[str, str]
    traits: dict[str, Json] = {}
    link: dict[str, str] | None = None
    event: dict[str, Json] | None = None
    merged: str = ""


def cases_of(text: str, connector: str) -> list[Case]:
    """The cases of one file."""
    found = []
    for line in text.splitlines():
        raw = msgspec.json.decode(line)
        holder = raw.get("connector") or raw.get("configuration") or {}
        found.append(
            Case(
                raw["file"], raw.get("test") or "", connector, holder.get("private_settings", {}), raw.get("api") or [],
                (raw.get("input") or {}).get("body"), raw.get("firehoseEvents") or [], raw.get("serviceRequests") or [],
            )
        )  # fmt: skip
    return found


def expected_of(case: Case) -> list[Expected]:
    """What came out, in one form."""
    made = []
    for entry in case.firehose:
        operation, who, given = entry
        account, user = who.get("asAccount"), who.get("asUser")
        about_user = user is not None and who.get("subjectType") != "account"
        made.append(
            Expected(
                "persona" if about_user else "company", (user if about_user else account) or {},
                _plain(given) if operation == "traits" else {},
                link=(account if about_user else user) if account and user else None,
                event=_tracked(given) if operation == "track" else None,
                merged=ext_id_of(str(given.get("anonymous_id", ""))) if operation == "alias" else "",
            )
        )  # fmt: skip
    for request in case.requests:
        if request["name"] == "hull":
            made += _written(request)
    return made


def _written(request: dict[str, Json]) -> Iterator[Expected]:
    given = request["input"]
    kind = "company" if "account" in request["op"].lower() else "persona"
    link = given.get("accountIdent")
    yield Expected(kind, given["ident"], _plain(given.get("attributes") or {}), link=link)
    for event in given.get("events") or []:
        context = event.get("context") or {}
        yield Expected(
            kind, given["ident"],
            event={"name": event["eventName"], "at": context.get("created_at"), "props": event.get("properties") or {}},
        )  # fmt: skip


def _tracked(given: dict[str, Json]) -> dict[str, Json]:
    return {"name": given["event"], "at": given.get("created_at"), "props": given.get("properties") or {}}


def _plain(given: dict[str, Json]) -> dict[str, Json]:
    """Traits without their group (`intercom_user/name` and `name` are one on our record) and operation."""
    return {
        name.rsplit("/", 1)[-1].removeprefix("traits_"): v["value"] if isinstance(v, dict) and "value" in v else v
        for name, v in given.items()
    }


def overrides_of(case: Case) -> dict[str, Json]:
    """The case's own settings, laid over our definition as a workspace would."""
    maps: dict[str, Json] = {}
    for setting, entries in case.settings.items():
        found = _SETTING.fullmatch(setting)
        if found is None or not isinstance(entries, list):
            continue
        for name in MAPS[case.connector].get(found[1], []):
            spec = maps.setdefault(name, {}).setdefault("company" if found[1] == "account" else "person", {})
            if setting.endswith("claims"):
                _lay_claims(library()[case.connector], name, spec, entries)
            else:
                _lay_traits(library()[case.connector], name, spec, entries)
    return {"maps": maps}


def _lay_traits(definition: Definition, name: str, spec: dict[str, Json], entries: list[Json]) -> None:
    for entry in entries:
        trait = entry["hull"].rsplit("/", 1)[-1].removeprefix("traits_")
        spec.setdefault("traits", {})[trait] = translated(definition, name, entry["service"])


def _lay_claims(definition: Definition, name: str, spec: dict[str, Json], entries: list[Json]) -> None:
    wanted: dict[str, list[Json]] = {}
    for entry in entries:
        wanted.setdefault(entry["hull"], []).append(translated(definition, name, entry["service"]))
    for claim, values in wanted.items():
        value = values[0] if len(values) == 1 else {"first": values}
        if claim == "external_id":
            spec.setdefault("external", {})["claimed"] = value
        else:
            spec[claim] = value


def translated(definition: Definition, name: str, service: str) -> Json:
    """A path of theirs as a value of ours: our own trait of that name, an expression of the table, else the path."""
    if service in EXPRESSIONS:
        return EXPRESSIONS[service]
    spec = definition.maps[name].person or definition.maps[name].company
    assert spec is not None
    own = spec.traits.get(SAME_AS_OURS.get(service, service))
    if own is not None:
        return msgspec.to_builtins(own)
    made = ("_item." if "_item.custom_attributes" in spec.keep else "") + jmespath_of(service)
    try:
        path(made)
    except BadInput:  # an expression nobody has translated: what it would say is then missing, and shows
        return None
    return made


def jmespath_of(service: str) -> str:
    """JSONPath, a back-ticked name, or a dotted path whose names may hold blanks and dashes, as JMESPath."""
    if service.startswith("$"):
        text = re.sub(r"\[\?\(@\.(\w+)\s*={2,3}\s*'([^']*)'\)\]", r"[?\1 == '\2']", service[1:].lstrip("."))
        return re.sub(r"\['([^']+)'\]", r'"\1"', text) + " | [] | [0]"
    if service.startswith("`"):
        return '"' + service.strip("`") + '"'
    return ".".join(p if _NAME.fullmatch(p) else f'"{p}"' for p in service.split("."))


def recording_of(case: Case, definition: Definition) -> Recording:
    """The case's replies as recordings of our streams and their sub-requests, its webhook as a delivery."""
    made = Recording({})
    replies = [c for c in case.api if 200 <= c["status"] < 300]
    for reply in replies:
        name = _stream_at(definition, reply)
        if name:
            page = (dict(_JSON), msgspec.json.encode(reply["reply"]))
            made.pages.setdefault(name, []).append(page)
            for record in path(definition.streams[name].records)(reply["reply"]) or []:
                _record_children(made, name, definition.streams[name], record, replies)
    body = case.hook if case.hook is not None else _lost_body(case)
    if body is not None:
        made.pages["webhook"] = [({}, msgspec.json.encode(body))]
    return made


def _record_children(
    made: Recording, name: str, stream: StreamSpec, record: Json, replies: list[dict[str, Json]]
) -> None:
    ident = str(path(stream.id)(record))
    for child, spec in stream.children.items():
        address = _bare(path_of(spec.path, {"id": ident}))
        for reply in replies:
            if (reply["method"], _bare(reply["path"])) == (spec.method, address):
                made.children[name, child, ident] = msgspec.json.encode(reply["reply"])


def _stream_at(definition: Definition, call: dict[str, Json]) -> str:
    """The stream whose requests go to the address of a call; of several, the one that asks for the same."""
    found = {
        name: stream.request
        for name, stream in definition.streams.items()
        if stream.request.method == call["method"] and _bare(stream.request.path) == _bare(call["path"])
    }
    said = {str(path("attributes.type")(r)) for r in path("records")(call["reply"]) or []} or set(
        re.findall(r'"field":"(\w+)"', msgspec.json.encode(call.get("requestBody")).decode())
    )
    if not found and not _is_child(definition, call):  # another address of the same records: they say what they are
        kinds = {str(t).replace("company", "companie") + "s" for t in path("*[].type")(call["reply"]) or []}
        return next((n for n, s in definition.streams.items() if n in kinds and path(s.records)(call["reply"])), "")
    asking = [name for name, request in found.items() if said & _asked(request)]
    return next(iter(asking or found), "")


def _is_child(definition: Definition, call: dict[str, Json]) -> bool:
    children = [c for s in definition.streams.values() for c in s.children.values()]
    where = _bare(call["path"])
    return any(re.fullmatch(re.sub(r"\\{.+?\\}", "[^/]+", re.escape(_bare(c.path))), where) for c in children)


def _asked(request: RequestSpec) -> set[str]:
    return {name for pair in re.findall(r'FROM (\w+) WHERE|"field":"(\w+)"', _text(request)) for name in pair if name}


def _text(request: RequestSpec) -> str:
    return f"{request.params.get('q', '')} {msgspec.json.encode(request.json).decode()}"


def _bare(where: str) -> str:
    """An address without its query, templates and API versions: the same resource in every version.

    Salesforce's `queryAll` is `query` with the deleted records.
    """
    same = re.sub(r"/v\d+(\.\d+)?/|/\{config\.api_version\}/", "/v/", where.partition("?")[0])
    return same.replace("/queryAll", "/query")


def more_of(case: Case, definition: Definition) -> list[dict[str, Json]]:
    """The row of the record a webhook was about, with what its handler asked the API for: what the next sync brings."""
    asked = {
        CHILDREN[r["op"]]: path("body.data")(r["result"])
        for r in case.requests
        if r["name"] == case.connector and r["op"] in CHILDREN
    }
    item = path("data.item.contact || data.item.user || data.item")(case.hook)
    if not asked or not item:
        return []
    name = "companies" if item.get("type") == "company" else "contacts"
    record = {**item, **asked}
    return [row_of("record", name, message_id(name, definition.streams[name], record), record)]


def _lost_body(case: Case) -> Json:
    """The published case of a deleted company lost its body on the way here: HubSpot's documented notice, same ids."""
    lost = re.search(r"receive-(\w+)-deleted-webhook", case.file)
    if lost is None or not case.firehose:
        return None
    (_, who, traits) = case.firehose[0]
    ident = next(iter(who.values()))["anonymous_id"].rpartition(":")[2]
    return {
        "objectId": int(ident), "propertyName": None, "changeSource": "CRM", "eventId": 1, "subscriptionId": 1,
        "portalId": int(case.settings.get("portal_id", 1)), "appId": 1, "attemptNumber": 0,
        "occurredAt": next(v for k, v in traits.items() if k.endswith("deleted_at")),
        "subscriptionType": f"{lost[1]}.deletion",
    }  # fmt: skip


def ext_id_of(anonymous_id: str) -> str:
    """The record's id in an anonymous id of theirs: `intercom-user:user-5ee3`, `salesforce_main-lead:00Q1`, `hubspot:1`."""
    return re.sub(r"^(?:user|lead|contact)-", "", anonymous_id.rpartition(":")[2])
