"""Loading question sets: shipped ones from `questions/`, checked when they are loaded."""

from functools import cache, lru_cache
from pathlib import Path

import msgspec
from msgspec import structs

from honeyguide.core.errors import BadInput
from honeyguide.graph.kinds import EDGE
from honeyguide.inference.contract import NONE, Question, QuestionSet

_FOLDER = Path(__file__).parent / "questions"
KINDS = frozenset({"ticket", "rating", "note", "mail", "title", "survey"})


def parse(text: str | bytes, name: str = "question set") -> QuestionSet:
    """A question set from YAML. Raises BadInput, saying which line of it cannot stand."""
    try:
        found = msgspec.yaml.decode(text, type=QuestionSet)
    except (msgspec.ValidationError, msgspec.DecodeError) as e:
        raise BadInput(f"{name} is no question set.", str(e)) from e
    problem = _problem(found)
    if problem:
        raise BadInput(f"{name} cannot be asked.", problem)
    return found


def _problem(given: QuestionSet) -> str:
    if not given.reads or not set(given.reads) <= KINDS:
        return f"reads must be among {', '.join(sorted(KINDS))}"
    ids = [q.id for q in given.questions]
    if not ids or len(set(ids)) != len(ids):
        return "it needs questions, each with an id of its own"
    for q in given.questions:
        if problem := _problem_of(q):
            return f"{q.id} {problem}"
    for seed in given.seeds:
        for ident, label in seed.answers.items():
            if ident not in ids or label not in given.question(ident).options:
                return f"a seed answers {ident}={label}, which is no option"
    return ""


def _problem_of(q: Question) -> str:
    if len(q.options) < 2:
        return "has fewer than two options"
    if q.kind == "noul" and set(q.options) != {"yes", "no"}:
        return "is a yes-or-no question: its options are yes and no"
    if q.kind == "score" and [*q.options] != [str(n) for n in range(1, len(q.options) + 1)]:
        return 'is a score: its options are "1", "2" ... in order'
    made = {**q.edges, **q.against}
    unknown = next((k for k in made.values() if k not in EDGE), None)
    if unknown or not set(made) <= set(q.options) or NONE in made or set(q.edges) & set(q.against):
        return f"makes an edge nobody knows: {unknown or sorted(made)}"
    return ""


@cache
def shipped() -> dict[str, QuestionSet]:
    """Every shipped question set by name. Raises BadInput when one cannot stand."""
    return {s.name: s for s in (parse(f.read_bytes(), f.name) for f in sorted(_FOLDER.glob("*.yaml")))}


def asked_of(kind: str) -> tuple[QuestionSet, ...]:
    """The shipped sets that are asked of one kind of text, by name."""
    return tuple(s for _, s in sorted(shipped().items()) if kind in s.reads)


@lru_cache(maxsize=32)
def joint(kind: str) -> QuestionSet:
    """All questions that are asked of one kind of text as one set, so that a model is called once: ids are `set.question`."""
    sets = asked_of(kind)
    return QuestionSet(
        name=kind,
        version=sum(s.version for s in sets),
        reads=(kind,),
        about=f"A text of the kind {kind}.",
        questions=tuple(structs.replace(q, id=f"{s.name}.{q.id}") for s in sets for q in s.questions),
        seeds=tuple(
            structs.replace(x, answers={f"{s.name}.{k}": v for k, v in x.answers.items()})
            for s in sets
            for x in s.seeds
        ),
    )


@lru_cache(maxsize=32)
def versions(kind: str) -> str:
    """Which versions of which sets are asked of a kind of text: `churn@1 intent@1`."""
    return " ".join(s.task for s in asked_of(kind))
