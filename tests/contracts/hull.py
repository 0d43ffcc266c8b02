"""Reading the cases of another platform's connectors: what went in, what came out, and what its settings asked for.

A case becomes (1) overrides of our definition, from its own configured attributes and claims; (2) rows of the log, from
its API replies or its webhook; (3) expectations: claims, traits, links and events. Nothing here knows a single case:
paths are translated by rule, and expressions of other languages than paths by the visible table `EXPRESSIONS`.
"""

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from honeyguide.funnel.definitions import Definition, library, message_id, path, template
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
        name.rsplit("/", 1)[-1].removeprefix("traits_"): v["value"] if isinstance(v, dict) and "operation" in v else v
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
    prefix = "_item." if "_item.custom_attributes" in spec.keep else ""
    return prefix + jmespath_of(service)


def jmespath_of(service: str) -> str:
    """JSONPath, a back-ticked name, or a dotted path whose names may hold blanks and dashes, as JMESPath."""
    if service.startswith("$"):
        text = re.sub(r"\[\?\(@\.(\w+)\s*={2,3}\s*'([^']*)'\)\]", r"[?\1 == '\2']", service[1:].lstrip("."))
        return re.sub(r"\['([^']+)'\]", r'"\1"', text) + " | [] | [0]"
    if service.startswith("`"):
        return '"' + service.strip("`") + '"'
    return ".".join(p if _NAME.fullmatch(p) else f'"{p}"' for p in service.split("."))


def rows_of(case: Case, definition: Definition) -> list[dict[str, Json]]:
    """The rows the case would have written to the log."""
    rows = [
        row_of("record", stream, message_id(stream, definition.streams[stream], r), r)
        for stream, r in _pulled(case, definition)
    ]
    return rows + list(_hooked(case, definition))


def _pulled(case: Case, definition: Definition) -> Iterator[tuple[str, dict[str, Json]]]:
    """Records of the replies, with those of their sub-requests merged in as a sync does."""
    replies = [(c["method"], _bare(c["path"]), c["reply"]) for c in case.api if 200 <= c["status"] < 300]
    for method, where, reply in replies:
        for name, stream in _streams_at(definition, method, where, reply):
            for record in path(stream.records)(reply) or []:
                ident = path(stream.id)(record)
                for child, spec in stream.children.items():
                    address = _bare(template(spec.path)({"id": ident}) or "")
                    answers = [r for m, w, r in replies if (m, w) == (spec.method, address)]
                    if answers:
                        record = {**record, child: path(spec.records or "@")(answers[0])}
                yield name, record


def _streams_at(definition: Definition, method: str, where: str, reply: Json) -> list[tuple[str, Any]]:
    found = [
        (name, stream)
        for name, stream in definition.streams.items()
        if stream.request.method == method and _bare(stream.request.path) == _bare(where)
    ]
    asked = [(n, s) for n, s in found if "q" in s.request.params]
    if asked:  # one address for every object: the records say which they are
        types = {str(path("attributes.type")(r)) for r in path("records")(reply) or []}
        found = [(n, s) for n, s in asked if types & {re.findall(r"FROM (\w+) WHERE", str(s.request.params["q"]))[-1]}]
    return found[:1]


def _bare(where: str) -> str:
    """An address without its query, templates and API versions: the same resource in every version.

    Salesforce's `queryAll` is `query` with the deleted records.
    """
    same = re.sub(r"/v\d+(\.\d+)?/|/\{config\.api_version\}/", "/v/", where.partition("?")[0])
    return same.replace("/queryAll", "/query")


def _hooked(case: Case, definition: Definition) -> Iterator[dict[str, Json]]:
    body = case.hook if case.hook is not None else _lost_body(case)
    if body is None or definition.webhook is None:
        return
    hook = definition.webhook
    kind, ident = path(hook.kind)(body), path(hook.id)(body)
    yield row_of("webhook", str(kind or "webhook"), str(ident), body, path(hook.time)(body))
    item = path("data.item.contact || data.item.user || data.item")(body)
    asked = {
        CHILDREN[r["op"]]: path("body.data")(r["result"])
        for r in case.requests
        if r["name"] == case.connector and r["op"] in CHILDREN
    }
    if asked and item:  # what the record's next sync brings
        stream = "companies" if item.get("type") == "company" else "contacts"
        record = {**item, **asked}
        yield row_of("record", stream, message_id(stream, definition.streams[stream], record), record)


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
