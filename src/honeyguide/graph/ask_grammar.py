"""From a question to the calls it may mean. Pure: names stay text here and are looked up by `ask_names`.

A question can be read in several ways ("who uses X at Y": is "X at Y" a name?), so every way is returned, likeliest
first; the one whose names exist is the one that was meant.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct, field, structs

from honeyguide.graph.ask_doors import DOORS
from honeyguide.graph.ask_times import Period, periods
from honeyguide.graph.ask_words import FIRMS, PEOPLE, PLACE, POLITE, RELATIONS, Relation

MAX_QUESTION = 300
_ANYBODY = r"^(?:(?:has|have|did|does|do|is|are|was|were) )?(?:any|some)(?:one|body)(?: else)? (?:who )?"
_FILLERS = "currently|right now|now|at the moment|these days|already|so far|ever|at all|to others|to anyone"
_MAX_READINGS = 60
_ENTITY = ("persona", "company", "product", "feature", "deal", "ticket")
_PERSONA, _COMPANY, _PRODUCT = ("persona",), ("company",), ("product", "feature")


class Named(Struct, frozen=True):
    """A name as it was said, and the kinds of nodes it can be."""

    text: str
    kinds: tuple[str, ...]


class Reading(Struct, frozen=True):
    """One way to read a question: a call with names not looked up yet (`names`) and plain values."""

    call: str
    names: dict[str, Named] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)


def readings(question: str, now: datetime) -> list[Reading]:
    """Every way to read a question, likeliest first; [] when no pattern fits it."""
    text = tidy(question)
    found: list[Reading] = []
    if not text or len(question) > MAX_QUESTION:
        return found
    for rest, period in periods(text, now):
        for core, company in _places(rest):
            for reading in _matches(core):
                made = _placed(reading, company)
                made = _timed(made, period) if made is not None else None
                if made is not None and made not in found:
                    found.append(made)
            if len(found) >= _MAX_READINGS:
                return found
    return found


def tidy(question: str) -> str:
    """One space between words, no polite beginnings, no closing marks."""
    text = re.sub(r"[\s\x00-\x1f\x7f\ud800-\udfff]+", " ", question.replace("’", "'")).strip().rstrip("?!. ").strip()
    while (shorter := re.sub(POLITE, "", text, flags=re.IGNORECASE)) != text:
        text = shorter
    text = re.sub(_ANYBODY, "who ", text, flags=re.IGNORECASE)
    return re.sub(rf" (?:{_FILLERS})$", "", text, flags=re.IGNORECASE)


def _places(text: str) -> Iterator[tuple[str, str | None]]:
    """The question without a place, then with each way to read one at its end or after its subject."""
    yield text, None
    yield from _turned(text)
    for found in reversed(list(re.finditer(rf" {PLACE} ", text, re.IGNORECASE))):
        yield text[: found.start()], text[found.end() :]
    inside = _INFIX.match(text)
    if inside:
        yield f"who {inside['tail']}", inside["company"]


def _turned(text: str) -> Iterator[tuple[str, None]]:
    """For "is S unhappy with T": "prove S is unhappy with T"; wherever S may end."""
    found = re.match(r"(is|are|was|were|has|have) (.+)$", text, re.IGNORECASE)
    words = found[2].split(" ") if found else []
    for end in range(1, min(len(words) - 1, 6)):
        yield f"prove {' '.join(words[:end])} {found[1] if found else ''} {' '.join(words[end:])}", None


def _matches(text: str) -> Iterator[Reading]:
    for pattern, make in PATTERNS:
        found = pattern.fullmatch(text)
        if found:
            yield make(found)


def _placed(reading: Reading, company: str | None) -> Reading | None:
    if company is None:
        return reading
    if reading.call not in ("who", "count", "top", "ask_now") or "company" in reading.names:
        return None
    return structs.replace(reading, names=reading.names | {"company": Named(company, _COMPANY)})


def _timed(reading: Reading, period: Period | None) -> Reading | None:
    if period is None:
        return reading
    call, values = reading.call, dict(reading.values)
    if call in ("who", "whom", "count", "changes", "story"):
        values |= {k: v for k, v in (("since", period.since), ("until", period.until)) if v is not None}
        # What happened since a day is what changed since then.
        return structs.replace(reading, call="changes" if call == "story" else call, values=values)
    if call in ("staff", "employer"):
        if period.until is None:
            return structs.replace(reading, values=values | {"since": period.since}) if call == "staff" else None
        return structs.replace(reading, values=values | {"at": period.until - timedelta(seconds=1)})
    return None


_Make = Callable[["re.Match[str]"], Reading]
PATTERNS: list[tuple["re.Pattern[str]", _Make]] = []
_SUBJECT = (
    rf"(?:who(?: else| all)?(?: of (?:our|the|us) {PEOPLE})?|(?:which|what)(?: of (?:our|the))? {PEOPLE}|{PEOPLE}(?: who| that)?|"
    rf"(?P<firms>(?:which|what)(?: of (?:our|the))? {FIRMS}|{FIRMS}(?: who| that)))"
)
_VERBS = "|".join(r.who for r in RELATIONS.values())
_INFIX = re.compile(
    rf"(?:who|(?:which|what) {PEOPLE}|{PEOPLE}) (?:at|in|from|inside|within) (?P<company>.+?) (?:who |that )?"
    rf"(?P<tail>(?:{_VERBS}) .+)$",
    re.IGNORECASE,
)  # fmt: skip


def _add(pattern: str, make: _Make) -> None:
    PATTERNS.append((re.compile(pattern, re.IGNORECASE), make))


def _simple(pattern: str, call: str, kinds: Mapping[str, tuple[str, ...]], **values: Any) -> None:
    """A pattern whose groups are the call's names."""

    def make(m: "re.Match[str]") -> Reading:
        return Reading(call, {name: Named(m[name].strip(), kinds[name]) for name in kinds}, dict(values))

    _add(pattern, make)


def _who(relation: Relation, pattern: str) -> None:
    def make(m: "re.Match[str]") -> Reading:
        only = {"only": "company"} if "firms" in m.re.groupindex and m["firms"] else {}
        return Reading("who", {"target": Named(m["target"], relation.targets)}, {"relation": relation.kind} | only)

    _add(pattern, make)


def _whom(relation: Relation, pattern: str) -> None:
    _simple(pattern, "whom", {"subject": relation.subjects}, relation=relation.kind)


def _count(relation: Relation, pattern: str) -> None:
    def make(m: "re.Match[str]") -> Reading:
        target = m["target"] if "target" in m.re.groupindex else None
        only = {"only": "company"} if "firms" in m.re.groupindex and m["firms"] else {}
        names = {"target": Named(target, relation.targets)} if target else {}
        return Reading("count", names, {"relation": relation.kind} | only)

    _add(pattern, make)


_BEST = r"(?:(?:big|bigger|biggest|best|top|main|loudest|strongest|greatest|most loyal|loyal) )?"
_HOW_MANY = r"(?:how many|how much|(?:the )?number of|count(?: of)?)"
_ABOUT = r"(?:about|of|for|on|with|against|from)"
_WHY = (
    r"(?:why do (?:we|you|i) (?:think|believe|say|assume)|how do (?:we|you) know|what(?:'s| is) the (?:evidence|proof)|what (?:evidence|proof) (?:do we have|is there)|"
    r"(?:the )?(?:evidence|proof)|what makes (?:us|you) (?:think|believe)|prove)(?: that| for)?"
)


def _anyhow(relation: Relation, pattern: str) -> None:
    """Who stands in the relation to anything at all."""
    _add(pattern, lambda _: Reading("who", {}, {"relation": relation.kind}))


def _relation_patterns(r: Relation) -> None:
    if r.kind != "works_at":  # "who works at X" is the staff of X
        _who(r, rf"{_SUBJECT} {r.who} (?P<target>.+?)(?: to us)?")
    if r.nouns:
        _who(r, rf"(?:who (?:is|are) )?(?:the |our )?{_BEST}{r.nouns} (?:of|for|on) (?P<target>.+)")
        _count(r, rf"{_HOW_MANY} {r.nouns} (?:of|for) (?P<target>.+)")
        _count(r, rf"{_HOW_MANY} {r.nouns} (?:do|does) (?P<target>.+) have")
    if r.things:
        _who(r, rf"(?:the |our )?{r.things} {_ABOUT} (?P<target>.+)")
        _count(
            r,
            rf"{_HOW_MANY} {r.things}(?: {_ABOUT} (?P<target>.+?))?(?: (?:were|was|are|have|did|do) (?:there|we|been)(?: (?:have|had|made|get|got|received))?)?",
        )
        _whom(r, rf"(?:what |whose |the )?{r.things} (?:by|from) (?P<subject>.+)")
    if r.alone:
        _anyhow(r, r.alone)
    if r.does:
        _add(rf"(?:does|do|did|has|have|is|are|was|were) (?P<subject>.+?) {r.does} (?P<target>.+)", _evidence(r))
        _whom(r, rf"{_HOW_MANY} [a-z]+ (?:do|does|did|has|have) (?P<subject>.+?) {r.does}")
        asks = r"(?:what|whom|who|which [a-z]+|what [a-z]+)(?: else)?"
        _whom(r, rf"{asks} (?:do|does|did|has|have|had|is|are|was|were) (?P<subject>.+?) {r.does}")
    if r.past:
        _whom(r, rf"(?:[a-z]+ ){{0,2}}(?:(?:was|were|is|are|been) )?{r.past} by (?P<subject>.+)")
    firms = rf"(?:{PEOPLE}|(?P<firms>{FIRMS}))"
    _count(r, rf"{_HOW_MANY} {firms}(?: who| that)? {r.who} (?P<target>.+)")

    _add(rf"{_WHY} (?P<subject>.+?) {r.who} (?P<target>.+)", _evidence(r))


def _evidence(r: Relation) -> _Make:
    def why(m: "re.Match[str]") -> Reading:
        names = {"subject": Named(m["subject"], r.subjects), "target": Named(m["target"], r.targets)}
        return Reading("evidence", names, {"relation": r.kind})

    return why


def _top(pattern: str, score: str) -> None:
    def make(m: "re.Match[str]") -> Reading:
        said = m["n"] if "n" in m.re.groupindex else None
        limit = {"limit": min(100, max(1, int(said)))} if said else {}
        return Reading("top", {}, {"score": score} | limit)

    _add(pattern, make)


def _people_patterns() -> None:
    referred = r"(?:people|persons?|anyone|somebody|someone|those|the people) (?:whom |who |that )?"
    who_use = r"(?:who|that|and) (?:also )?(?:use|uses|are using|is using)"
    both = {"persona": _PERSONA, "product": _PRODUCT}
    for said in (rf"{referred}(?P<persona>.+?) (?:has |have )?(?:referred|invited)",
                 rf"{referred}(?:referred|invited) by (?P<persona>.+?)"):  # fmt: skip
        _simple(rf"(?:who works? with|(?:the )?(?:colleagues|coworkers) of) {said} {who_use} (?P<product>.+)",
                "colleagues_of_referred_using", both)  # fmt: skip
    mates = r"(?:colleagues?|co-?workers?|peers?|team-?mates?)"
    _simple(rf"(?:who (?:is|are) )?(?:the )?{mates} of (?P<persona>.+)", "colleagues", {"persona": _PERSONA})
    _simple(r"who (?:else )?(?:works?|sits?) (?:together )?with (?P<persona>.+)", "colleagues", {"persona": _PERSONA})
    _simple(rf"(?:who (?:is|are) )?(?P<persona>.+)'s? {mates}", "colleagues", {"persona": _PERSONA})
    _simple(rf"{_SUBJECT} {RELATIONS['works_at'].who} (?P<company>.+)", "staff", {"company": _COMPANY})
    staff = r"(?:people|persons?|contacts|staff|employees|team|org(?:anisation|anization)? chart|who|whom|everyone|everybody)"
    _simple(r"who (?:has |have )?(?:joined|started (?:at|with)|(?:was|were) hired (?:at|by)|came to) (?P<company>.+)", "staff",
            {"company": _COMPANY})  # fmt: skip
    _simple(rf"(?:the |our )?{staff}(?: is| are)? (?:at|of|from) (?P<company>.+)", "staff", {"company": _COMPANY})
    _simple(r"(?:who|whom) do we know (?:at|in) (?P<company>.+)", "staff", {"company": _COMPANY})
    _simple(r"where (?:does|did|is) (?P<persona>.+?) (?:work|working|employed)", "employer", {"persona": _PERSONA})
    _simple(r"(?:which|what) (?:company|firm) (?:does|did|is) (?P<persona>.+?)(?: work| working| employed)? (?:for|at|by|with)",
            "employer", {"persona": _PERSONA})  # fmt: skip
    _simple(r"(?:who is |what is )?(?:the )?(?:employer|company) of (?P<persona>.+)", "employer", {"persona": _PERSONA})
    _simple(r"(?:who is |what is )?(?P<persona>.+)'s? (?:employer|company)", "employer", {"persona": _PERSONA})
    boss = r"(?:boss|manager|supervisor|superior)"
    _simple(rf"(?:who is |who's )?(?P<subject>.+)'s? {boss}", "whom", {"subject": _PERSONA}, relation="reports_to")
    _simple(
        rf"(?:who is |who's )?(?:the )?{boss} of (?P<subject>.+)", "whom", {"subject": _PERSONA}, relation="reports_to"
    )
    _simple(
        r"(?:who are )?(?P<target>.+)'s? (?:direct )?(?:reports|team)",
        "who",
        {"target": _PERSONA},
        relation="reports_to",
    )
    _simple(rf"whose {boss} is (?P<target>.+)", "who", {"target": _PERSONA}, relation="reports_to")
    _simple(
        r"who (?:manages|leads|supervises|heads) (?P<subject>.+)", "whom", {"subject": _PERSONA}, relation="reports_to"
    )
    _simple(r"(?P<subject>.+)'s? referrals", "whom", {"subject": _PERSONA}, relation="referred")
    both_kinds = ("persona", "company")
    _simple(r"(?P<subject>.+)'s? (?:support )?tickets", "whom", {"subject": both_kinds}, relation="opened")
    _simple(r"(?:the |which )?(?:(?:open|closed|solved|recent|latest|support) )?tickets (?:of|from|by|at|for) (?P<subject>.+)", "whom", {"subject": both_kinds},
            relation="opened")  # fmt: skip
    _simple(
        r"(?:the |which )?(?:products|features) (?:of|at) (?P<subject>.+)",
        "whom",
        {"subject": both_kinds},
        relation="uses",
    )


def _company_patterns() -> None:
    group = r"(?:buying (?:group|committee|center|centre|team)|decision[- ]makers?|stakeholders|key (?:people|contacts|players))"
    _simple(r"who (?:should|can|do|shall|must) (?:we|i) (?:talk|speak|write|go|sell) to (?:at|in) (?P<company>.+)", "buying_group",
            {"company": _COMPANY})  # fmt: skip
    _simple(rf"(?:who (?:is|are) )?(?:in )?(?:the )?{group} (?:of|for|at|in|from) (?P<company>.+)", "buying_group",
            {"company": _COMPANY})  # fmt: skip
    _simple(rf"(?P<company>.+)'s? {group}", "buying_group", {"company": _COMPANY})
    _simple(r"who (?:decides|makes the decisions?|signs(?: off)?|is in charge|holds the budget) (?:at|in|for) (?P<company>.+)",
            "buying_group", {"company": _COMPANY})  # fmt: skip
    ends = {"from": _PERSONA, "to": ("persona", "company")}

    def path(pattern: str) -> None:
        def make(m: "re.Match[str]") -> Reading:
            return Reading("path", {"from": Named(m["a"], ends["from"]), "to": Named(m["b"], ends["to"])})

        _add(pattern, make)

    path(r"(?:what(?:'s| is) )?(?:the |a )?(?:(?:warm|warmest|shortest|best) )?(?:path|route|way|connection|link|intro|introduction) (?:from|between) (?P<a>.+?) "
         r"(?:to|and|into) (?P<b>.+)")  # fmt: skip
    path(r"how (?:is|are) (?P<a>.+?) (?:connected|related|linked) (?:to|with) (?P<b>.+)")
    path(r"how (?:are|is) (?P<a>.+?) and (?P<b>.+?) (?:connected|related|linked)")
    path(r"how (?:can|could|does|would|do) (?P<a>.+?) (?:reach|get to|know|get into) (?P<b>.+)")
    anyone = r"(?:somebody|someone|anybody|anyone|people|a person)"
    _simple(rf"who (?:knows|is connected to|has (?:a )?connections? (?:to|with)) (?:{anyone} )?(?:at|in|from|to) (?P<company>.+)",
            "introducers", {"company": _COMPANY})  # fmt: skip
    _simple(rf"how (?:do|can|could) (?:we|i) (?:get|reach|get in|get into|get to)(?: to| into)? (?:{anyone} (?:at|from|in) )?(?P<company>.+)",
            "introducers", {"company": _COMPANY})  # fmt: skip
    _simple(rf"(?:connect|introduce) (?:me|us) (?:with|to) (?:{anyone} (?:at|from|in) )?(?P<company>.+)", "introducers",
            {"company": _COMPANY})  # fmt: skip
    _simple(rf"who (?:can|could) (?:introduce (?:us|me)|open (?:a |the )?doors?(?: for us)?|get us in|make an intro(?:duction)?) "
            rf"(?:to|at|into) (?:{anyone} (?:at|from|in) )?(?P<company>.+)", "introducers", {"company": _COMPANY})  # fmt: skip


def _entity_patterns() -> None:
    one = {"entity": _ENTITY}
    at = r"(?:about|for|with|at|in|around|to|of|on)"
    _simple(
        r"who (?:has |have )?(?:left|quit|departed(?: from)?|resigned(?: from)?) (?P<entity>.+)",
        "changes",
        {"entity": _COMPANY},
    )
    both = {"persona": _PERSONA, "target": ("product", "feature", "company", "deal")}
    thinks = r"(?:think|say|feel|said|thinks|feels|says|thought|felt)"
    _simple(
        rf"(?:what|how) (?:do|does|did|has|have) (?P<persona>.+?) {thinks} (?:about|of|on) (?P<target>.+)",
        "opinion",
        both,
    )
    _simple(r"(?P<persona>.+)'s? (?:opinion|view|feedback|stance) (?:of|on|about) (?P<target>.+)", "opinion", both)
    _simple(rf"what(?:'s| has| is| have)? (?:changed|different) {at} (?P<entity>.+)", "changes", one)
    _simple(rf"(?:what(?:'s| is)?|anything) (?:new|up|different) {at} (?P<entity>.+)", "changes", one)
    _simple(rf"(?:the )?(?:changes|news|updates) {at} (?P<entity>.+)", "changes", one)
    _simple(r"how (?:has|did) (?P<entity>.+?) changed?", "changes", one)
    _simple(rf"what (?:has )?happen(?:ed|s) {at} (?P<entity>.+)", "story", one)
    _simple(r"(?:the )?(?:history|timeline|story|past) (?:of|with|for) (?P<entity>.+)", "story", one)
    much = r"(?:influential|important|central|powerful|well connected)"
    _simple(rf"how {much} is (?P<persona>.+)", "influence", {"persona": _PERSONA})
    _simple(rf"why is (?P<persona>.+?) (?:so )?{much}", "influence", {"persona": _PERSONA})
    _simple(r"(?:the )?influence(?: score)? of (?P<persona>.+)", "influence", {"persona": _PERSONA})
    best = r"(?:(?:who|what|which) (?:is|are) )?(?:the |our )?(?:top|best|strongest|biggest|greatest)"
    _top(rf"{best} (?:(?P<n>\d{{1,3}}) )?(?:advocates?|promoters|supporters|fans|ambassadors)", "advocacy")
    _top(rf"{best} (?:(?P<n>\d{{1,3}}) )?(?:referrers?|recruiters)", "referred")
    _top(rf"{best} (?:(?P<n>\d{{1,3}}) )?(?:influencers?)", "influence")
    _top(rf"(?:who (?:is|are) )?(?:the |our )?(?:(?P<n>\d{{1,3}}) )?most (?:influential|important|powerful|connected)(?: {PEOPLE})?",
         "influence")  # fmt: skip
    _top(r"who has (?:the )?(?:most|greatest|biggest) (?:influence|power|say)", "influence")
    for score, said in (("referred", "referrals"), ("influence", "influence"), ("praised", "praise"), ("introduced", "introductions"),
                        ("advocacy", "advocacy"), ("complained_of", "complaints")):  # fmt: skip
        _top(rf"(?:rank|order|sort) (?:our |the )?(?:advocates|{PEOPLE}) by (?:number of )?{said}", score)
        _top(rf"(?:who (?:has|have|made) )(?:the )?most {said}", score)
    most = r"(?:the )?most(?: (?:people|persons|friends|customers|companies|others))?"
    _top(rf"who (?:has )?(?:referred|invited|brought)(?: in)? {most}", "referred")
    _top(rf"who (?:has )?(?:praised|recommended)(?: us)? {most}", "praised")
    _top(rf"who (?:has )?introduced {most}", "introduced")
    _top(rf"who (?:has )?complain(?:ed|s) {most}", "complained_of")
    tell = (
        r"(?:tell me (?:more |everything |something )?about|what do (?:we|you) know (?:about|of)|who(?: is|'s)|what(?: is|'s)|"
        r"describe|(?:the )?(?:profile|summary|overview|neighbou?rhood) of|summari[sz]e|about|around|everything about|"
        r"(?:(?:give me |get me )?(?:the |some |more )?)(?:details|info|information|facts) (?:on|about|for|of)|who knows|connections of)"
    )
    _simple(rf"{tell} (?P<entity>.+)", "about", one)
    _simple(
        r"(?:what(?:'s| is) )?(?P<entity>.+)'s? (?:job|title|role|position|profile|details|connections)", "about", one
    )
    _simple(r"(?P<entity>.{2,200})", "about", one, bare=True)


for _pattern, _call, _kinds in DOORS:
    _simple(_pattern, _call, _kinds)
for _relation in RELATIONS.values():
    _relation_patterns(_relation)
_people_patterns()
_company_patterns()
_entity_patterns()
