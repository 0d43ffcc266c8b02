"""Ask the graph in plain English: a question becomes one typed call, which is shown, and its answer a table.

`understand` reads the question by a small grammar, without any model, and looks names up among the workspace's own
nodes. What it does not understand can be handed to a model, which may pick one of the same calls and nothing else
(`choose`); a question never becomes SQL text. Words in questions and names are data: they select, they command nothing.
"""

import re
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from msgspec import Struct

from honeyguide.core import clock
from honeyguide.core.errors import BadInput
from honeyguide.db import Tx
from honeyguide.graph import ask_answers, ask_history, ask_names, ask_people
from honeyguide.graph.ask_answers import Answer, Cell, Run
from honeyguide.graph.ask_calls import CALLS, Call, chosen, sentence
from honeyguide.graph.ask_grammar import MAX_QUESTION, Named, Reading, readings, tidy
from honeyguide.graph.ask_names import Match, Ref
from honeyguide.graph.ask_words import EXAMPLES, MEANINGS


class Asked(Struct, frozen=True):
    """A question understood: the call to run, its arguments (nodes as `Ref`), and both in one sentence."""

    call: str
    arguments: dict[str, Any]
    sentence: str


class Unclear(Struct, frozen=True):
    """A question not understood, or understood in several ways: why, and what could be asked instead."""

    sentence: str
    suggestions: list[str]


_MAX_UNKNOWN = 12  # readings that are looked at for a name nobody knows
_LONGEST_NAME = 6  # words
_BEGINS_A_QUESTION = re.compile(
    r"(?:who|whom|whose|what|which|where|when|why|how|is|are|does|do|did|has|have|can)\b", re.IGNORECASE
)
_DEEP_LOOKS = 6  # how many names of a question are sought inside other names
# Every call of `CALLS` and what runs it.
RUN: dict[str, Run] = ask_answers.RUN | {
    "colleagues": ask_people.colleagues, "colleagues_of_referred_using": ask_people.colleagues_referred,
    "buying_group": ask_people.group, "path": ask_people.path, "influence": ask_people.influence, "top": ask_people.top,
    "changes": ask_history.changes, "story": ask_history.happened,
}  # fmt: skip
# A model's closed choice: (question, the calls) -> (name of a call, its arguments with names as text), or None.
Choose = Callable[[str, Mapping[str, Call]], Awaitable[tuple[str, Mapping[str, Any]] | None]]


async def understand(tx: Tx, question: str, choose: Choose | None = None) -> Asked | Unclear:
    """Read a question; names are looked up in the workspace of `tx`. `choose` is asked only when the grammar fails."""
    if len(question) > MAX_QUESTION:
        return Unclear(f"The question is longer than {MAX_QUESTION} characters.", [])
    text = tidy(question)
    found = await _best(tx, text, readings(question, clock.now()))
    if isinstance(found, Asked) or (found is not None and found.suggestions):
        return found
    if choose is not None and text:
        picked = await choose(question, CALLS)
        if picked is not None:
            try:
                by_model = await _best(tx, text, [chosen(*picked)])
            except BadInput:
                by_model = None  # not one of the calls: as if it had said nothing
            if by_model is not None:
                return by_model
    if found is not None:
        return Unclear(found.sentence, await examples(tx, question))
    return Unclear("This is not a question the graph can answer.", await examples(tx, question))


async def run(tx: Tx, asked: Asked, limit: int = 100, above: Mapping[str, Run] | None = None) -> Answer:
    """Run the call of a question (on a traversal connection). At most `limit` rows.

    `above` runs the calls the graph only understands (`ask_doors.CALLS`). Raises BadInput for one of them without it.
    """
    found = (RUN | dict(above or {})).get(asked.call)
    if found is None:
        raise BadInput("The graph alone cannot answer this.", f"The question became the call {asked.call}.")
    return await found(tx, asked.arguments, max(1, min(limit, 500)))


async def _best(tx: Tx, question: str, found: list[Reading]) -> Asked | Unclear | None:
    """The reading whose names exist and fit best; what to ask back when they fit several; None without any reading."""
    for inside in (
        False,
        True,
    ):  # words inside names only when no reading stands without: reading every name takes time
        names = _Names(tx, inside, _DEEP_LOOKS if inside else len(found) * 4)
        best: tuple[int, Reading, dict[str, Match]] | None = None
        for reading in found:
            matches = await names.of(reading)
            if matches is None:
                continue
            level = min((m.level for m in matches.values()), default=ask_names.EXACT)
            if reading.values.get("bare") and level < _needed(question):
                continue  # a lone word is a question only when it is a name
            if best is None or level > best[0]:
                best = (level, reading, matches)
        if best is not None:
            return await _asked(tx, question, best[1], best[2])
    return await _unknown(tx, question, found)


def _needed(question: str) -> int:
    """How well a lone name must fit; one that begins like a question is whole, or it is half a question."""
    return ask_names.EXACT if _BEGINS_A_QUESTION.match(question) else ask_names.BEGINS


class _Names:
    """Names looked up once each, at most so many."""

    def __init__(self, tx: Tx, inside: bool, most: int) -> None:
        self._tx, self._inside, self._left = tx, inside, most
        self._known: dict[tuple[str, tuple[str, ...]], Match] = {}

    async def of(self, reading: Reading) -> dict[str, Match] | None:
        """What every name of a reading leads to; None when one leads nowhere."""
        matches: dict[str, Match] = {}
        for argument, name in reading.names.items():
            key = (name.text.casefold(), name.kinds)
            if key not in self._known:
                if self._left <= 0:
                    return None
                self._left -= 1
                self._known[key] = await ask_names.look_up(self._tx, name.text, name.kinds, inside=self._inside)
            if not self._known[key].refs:
                return None
            matches[argument] = self._known[key]
        return matches


async def _asked(tx: Tx, question: str, reading: Reading, matches: Mapping[str, Match]) -> Asked | Unclear:
    for argument, match in matches.items():
        if len(match.refs) > 1:
            said = reading.names[argument].text
            names = await ask_names.unmistakable(tx, match.refs[:8])
            return Unclear(f"Which {said} is meant? There are several.", [_instead(question, said, n) for n in names])
    values = {k: v for k, v in reading.values.items() if k != "bare"}
    arguments = values | {argument: match.refs[0] for argument, match in matches.items()}
    return Asked(reading.call, arguments, sentence(reading.call, arguments))


def _instead(question: str, said: str, name: str) -> str:
    """The question with another name in it."""
    at = question.casefold().rfind(said.casefold())
    return question[:at] + name + question[at + len(said) :] if at >= 0 else name


async def _unknown(tx: Tx, question: str, found: list[Reading]) -> Unclear | None:
    """Which name is not known, in the reading with the most that are; and names like it. None when no reading names anything."""
    best: tuple[int, Named] | None = None
    for reading in found[:_MAX_UNKNOWN]:
        if reading.values.get("bare"):
            continue
        named = reading.names.values()
        if any(len(n.text.split()) > _LONGEST_NAME for n in named):
            continue  # no name, but more words of a question that is not understood
        unknown = [n for n in named if not (await ask_names.look_up(tx, n.text, n.kinds, inside=False)).refs]
        if unknown and (best is None or len(named) - len(unknown) > best[0]):
            best = (len(named) - len(unknown), unknown[0])
    if best is None:
        return None
    name = best[1]
    like = await ask_names.nearest(tx, name.text, name.kinds)
    said = [_instead(question, name.text, r.name) for r in like]
    return Unclear(f'No {" or ".join(name.kinds)} called "{name.text[:80]}" is known here.', said)


async def examples(tx: Tx, question: str, limit: int = 5) -> list[str]:
    """What can be asked, nearest in meaning first, with names of this workspace in it."""
    said = _meanings(question)
    ranked = sorted(
        range(len(EXAMPLES)), key=lambda i: (-sum(said[m] for m, n in _meanings(EXAMPLES[i][1]).items() if n), i)
    )
    names = await _names(tx)
    filled: list[str] = []
    for i in ranked:
        text = EXAMPLES[i][1]
        if all(names[k] for k in re.findall(r"\{(\w+)\}", text)):
            filled.append(text.format(**names))
    return filled[:limit]


def _meanings(text: str) -> Counter[int]:
    """How many words of each meaning a text has."""
    low = text.casefold()
    return Counter({n: sum(bool(re.search(rf"\b{w}", low)) for w in words) for n, words in enumerate(MEANINGS)})


async def _names(tx: Tx) -> dict[str, str]:
    """One name per kind, for examples; "" where there is none."""
    found = {}
    for kind in ("persona", "company", "product"):
        one = await ask_names.some(tx, kind)
        found[kind] = one.name if one is not None else ""
    return found


__all__ = ["CALLS", "Answer", "Asked", "Call", "Cell", "Choose", "Ref", "Unclear", "examples", "run", "understand"]
