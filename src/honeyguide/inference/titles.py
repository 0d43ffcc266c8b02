"""What a job title says: seniority, department and level, or nothing when it is unclear.

Rules over words, no model. They travel well across companies, and they abstain instead of guessing: an
"Assistant to the CEO" is no executive, a "Happiness Wizard" is nobody we know.
"""

import re
import unicodedata
from datetime import datetime
from functools import lru_cache

from msgspec import Struct

from honeyguide.core.ids import entity_id
from honeyguide.inference import title_words as words
from honeyguide.inference.department_words import department_of
from honeyguide.inference.misspelt import mended
from honeyguide.inference.port import Fact, Proposal, Quote, Subject, Tier

LONGEST = 200  # characters; a longer "title" is a biography and says nothing we could quote
_SEPARATORS = re.compile(r"[\s,;:/|•·–—+()\[\]@\"*_]+|\s-\s|\s-|-\s|\.(?=\s|$)")
_AT_COMPANY = re.compile(r"\s+(?:@|\bat\b|\bbei\b|\bchez\b)\s+.*$")
# What somebody was before, told after what they are: "CEO, ex-Google".
_BEFORE = re.compile(r"(?<=\w)\s*[,;|/(·–—-]+\s*(?:ex|former|formerly|previously|ehemals)\b.*$")
_ONE_WORD = re.compile(r"\b(product|produkt|project|projekt|account|sales|marketing|office|team|event)manager(in)?\b")


class Reading(Struct, frozen=True):
    """What a title says. `rank` is the step inside a level (intern, junior, senior, principal), often empty."""

    seniority: str
    level: int
    department: str | None
    rank: str
    confidence: float


def spell_out(title: str) -> str:
    """Lower case, no accents, separators as single spaces, abbreviations in full."""
    plain = unicodedata.normalize("NFKD", title.replace("ß", "ss")).casefold()
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    plain = (
        plain.replace("(in)", "in").replace(":in", "in").replace("*in", "in").replace("/in ", "in ").replace("·", " ")
    )
    plain = re.sub(r"\(?\b[mwfdxh] ?/ ?[mwfdxh](?: ?/ ?[mwfdxh])?\b\)?", " ", plain)  # (m/w/d), (H/F)
    plain = re.sub(r"\b([a-z])\.(?=[a-z]\b)", r"\1", plain)  # c.t.o. -> cto.
    plain = _ONE_WORD.sub(r"\1 manager", _BEFORE.sub("", _AT_COMPANY.sub("", plain)))
    tokens = [t.strip(".'’`") for t in _SEPARATORS.sub(" ", f"{plain} ").split()]
    spelled = " ".join(words.SHORT.get(t) or mended(t) for t in tokens if t)
    return re.sub(r"\bvice president(e|a|in)?\b", "vp", spelled)


@lru_cache(maxsize=8_192)  # the same few titles come again with every sign-in
def read_title(title: str) -> Reading | None:
    """The reading of one title, or None when it is empty, too long, or does not clearly say a seniority."""
    if not title.strip() or len(title) > LONGEST:
        return None
    spelled = words.SERVES.sub(" assistant", spell_out(title)).strip()
    if not spelled or words.UNCLEAR.search(spelled):
        return None
    seniority, sure = _seniority(spelled)
    if seniority is None:
        return None
    department = _department(spelled)
    if department is None:
        sure -= 0.1
    return Reading(seniority, words.LEVEL[seniority], department, _rank(spelled), round(sure, 2))


def _seniority(spelled: str) -> tuple[str | None, float]:
    """The highest level the title names, and how sure its wording makes us."""
    spelled = re.sub(r"\b(product|process|data|service|system|application) owner(in)?\b", "specialist", spelled)
    tokens = spelled.split()
    if any(t in words.CHIEFS for t in tokens) or words.EXECUTIVE.search(spelled):
        if re.search(
            r"\b(deputy|assistant|associate|vice|adjointe?|adjunt[oa]|stellvertretender?)\b", spelled
        ) and not re.search(r"founder", spelled):
            # Whoever stands in for the head of the whole company sits beside them.
            return ("executive" if re.search(r"\bceo\b|\bchief executive\b", spelled) else "director"), 0.75
        return "executive", 0.95
    if words.VP.search(spelled):
        return "vp", 0.85 if "assistant vp" in spelled or "associate vp" in spelled else 0.95
    rest = words.MANAGES_THINGS.sub(" specialist ", spelled)
    if words.MANAGER.search(rest) and not words.DIRECTOR.search(_without_leaders(rest)):
        return "manager", 0.88
    if words.DIRECTOR.search(rest):
        lower = re.search(r"\b(assistant|associate|deputy|adjointe?|adjunt[oa])\b", rest)
        return "director", 0.8 if lower else 0.93
    if words.MANAGER.search(rest):
        return "manager", 0.88
    if rest != spelled or words.INDIVIDUAL.search(rest):
        return "individual", 0.85
    return None, 0.0


def _without_leaders(spelled: str) -> str:
    """Team and group leaders lead a team, not a department: their German "Leiter" is no director's."""
    return re.sub(
        r"\b(team|gruppen|schicht|filial|sachgebiets|referats|projekt|project)[ -]?leit(er|erin|ung)\b", " ", spelled
    )


def _department(spelled: str) -> str | None:
    """The chief's letters say it best, unless the title goes on to name a department of its own."""
    named = department_of(spelled)
    if spelt := re.search(r"\bchief (.{2,40}?) officer\b", spelled):  # "CPO (Chief People Officer)"
        named = department_of(spelt[1]) or named
        if department_of(spelt[1]):
            return named
    for token in spelled.split():
        if token in words.CHIEFS:
            by_letters = words.CHIEFS[token]
            return by_letters if by_letters and by_letters != "general" else named or by_letters
    return named


def _rank(spelled: str) -> str:
    return next((name for name, pattern in words.RANKS if pattern.search(spelled)), "")


def role_key(seniority: str, department: str | None) -> str:
    """The natural key of a role node: `vp/engineering`, or `vp/any` when no department is named."""
    return f"{seniority}/{department or 'any'}"


def role_id(seniority: str, department: str | None) -> int:
    """The node id of a role. Roles are a closed set, so this id is known without looking."""
    return entity_id("role", role_key(seniority, department))


ROLE_KEYS: tuple[str, ...] = tuple(role_key(s, d) for s in words.LEVEL for d in (*words.DEPARTMENTS, None))
ROLES: dict[int, str] = {entity_id("role", key): key for key in ROLE_KEYS}


def level_of_role(role: int) -> int:
    """The level (1 to 5) of a role node of ours; 0 for any other node."""
    return words.LEVEL[ROLES[role].split("/")[0]] if role in ROLES else 0


def role_name(key: str) -> str:
    """For people: `VP, customer success`."""
    seniority, department = key.split("/")
    spoken = "VP" if seniority == "vp" else seniority.capitalize()
    return spoken if department == "any" else f"{spoken}, {department.replace('_', ' ')}"


class Titles:
    """One `holds_role` per title a person was seen with; an older title ends where the newer one begins."""

    name = "titles"
    version = "1"
    tier: Tier = "rule"
    kinds = frozenset({"holds_role"})
    reads = "title"

    def infer(self, subject: Subject) -> list[Proposal]:
        """Runs of the same role in event time; unclear titles end a run and propose nothing."""
        runs: list[tuple[Reading | None, list[Fact]]] = []
        for fact in subject.facts:
            reading = read_title(fact.texts.get("title", ""))
            if runs and _same(runs[-1][0], reading):
                runs[-1][1].append(fact)
            else:
                runs.append((reading, [fact]))
        ends = [*[after[0].at for _, after in runs[1:]], None]
        return [
            _proposal(subject.id, reading, facts, end)
            for (reading, facts), end in zip(runs, ends, strict=False)
            if reading is not None
        ]


def _same(a: Reading | None, b: Reading | None) -> bool:
    if a is None or b is None:
        return a is b
    return (a.seniority, a.department) == (b.seniority, b.department)


def _proposal(persona: int, reading: Reading, facts: list[Fact], end: datetime | None) -> Proposal:
    first, latest = facts[0], facts[-1]
    reading = read_title(latest.texts["title"]) or reading
    title = latest.texts["title"]
    words_of = title.strip()
    start = title.index(words_of)
    return Proposal(
        label="holds_role",
        src=persona,
        dst=role_id(reading.seniority, reading.department),
        confidence=reading.confidence,
        fact=latest,
        quote=Quote("title", start, start + len(words_of), words_of),
        valid_from=first.at,
        valid_to=end,
        last_seen_at=latest.at,
        detail={
            "seniority": reading.seniority,
            "department": reading.department,
            "level": reading.level,
            "rank": reading.rank,
        },
        key=f"{first.at.isoformat()}/{first.event_id}",
    )
