"""Why two records are one, in words: a line per field and one sentence. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from honeyguide.identity.background.exchange import Line
from honeyguide.identity.background.model import Comparison, Level, Model

# Per field and level name: what it means. {a} and {b} are what the records say.
_SAID = {
    ("given", "same"): "same first name", ("given", "short form"): "the first names are a nickname and its full form",
    ("given", "swapped"): "first and last name are swapped", ("given", "initial"): "the first name is an initial of the other",
    ("given", "same beginning"): "the first names begin alike",
    ("given", "spelling"): "the first names differ by a spelling", ("given", "differ"): "different first names",
    ("surname", "same"): "same last name", ("surname", "swapped"): "first and last name are swapped",
    ("surname", "spelling"): "the last names differ by a spelling", ("surname", "initial"): "the last name is an initial of the other",
    ("surname", "differ"): "different last names",
    ("generation", "Jr and Sr"): "one is Jr, the other Sr", ("generation", "one is marked"): "only one of them is a Jr or Sr",
    ("email", "same address"): "same e-mail address", ("email", "same mailbox name"): "same mailbox name at two domains",
    ("email", "mailbox spelt alike"): "both mailboxes are spelt from the name in the same way",
    ("email", "slip of the pen"): "the addresses differ by one letter",
    ("email", "two mailboxes of one company"): "two different mailboxes at one company",
    ("email", "other mailbox of one company"): "different mailboxes at one company", ("email", "differ"): "different e-mail addresses",
    ("phone", "same"): "same phone", ("phone", "same number at one company"): "same phone, at one company",
    ("phone", "one digit off"): "the phones differ by one digit", ("phone", "differ"): "different phones",
    ("employer", "same"): "same company", ("employer", "alike"): "the companies' names are alike",
    ("employer", "another in the same city"): "different companies in one city", ("employer", "differ"): "different companies",
    ("title", "same"): "same title", ("title", "alike"): "similar title", ("title", "differ"): "different titles",
    ("place", "same city"): "same city", ("place", "same country"): "same country", ("place", "differ"): "different countries",
    ("source", "one source keeps both"): "one source keeps them as two",
    ("name", "same"): "same name", ("name", "same but for spaces"): "same name but for spaces", ("name", "alike"): "similar names",
    ("name", "begins alike"): "the names begin alike", ("name", "differ"): "different names",
    ("domain", "same"): "same domain", ("domain", "same under another ending"): "same domain name under another ending",
    ("domain", "differ"): "different domains",
}  # fmt: skip
_SHOWN = {
    "given": ("name",), "surname": ("name",), "generation": ("name",), "email": ("email",), "phone": ("phone",),
    "employer": ("company", "email"), "title": ("title",), "place": ("city", "country"), "source": ("source",),
    "name": ("name",), "domain": ("domain",),
}  # fmt: skip
_SILENT = 0.3  # bits under which a field is not worth a word


def explain(
    model: Model, told: Sequence[tuple[int | None, float]], a: Mapping[str, Any], b: Mapping[str, Any]
) -> tuple[tuple[Line, ...], str]:
    """The lines of a pair and its sentence. `told`: level and weight per comparison, as the engine found them."""
    lines = []
    for comparison, (index, weight) in zip(model.comparisons, told, strict=True):
        level = None if index is None else comparison.levels[index]
        lines.append(_line(comparison, level, weight, a, b))
    return tuple(lines), sentence(lines)


def sentence(lines: Sequence[Line]) -> str:
    """`Same phone, same title and same company; but different last names.` The weightiest first, at most four reasons."""
    spoken = [line for line in lines if line.sentence and abs(line.weight) >= _SILENT]
    speaks_for = [s for s in sorted(spoken, key=lambda s: -s.weight) if s.weight > 0][:4]
    against = [s for s in sorted(spoken, key=lambda s: s.weight) if s.weight < -1][:2]
    text = _listed([s.sentence for s in speaks_for]) or "nothing certain in common"
    if against:
        text += f"; but {_listed([s.sentence for s in against])}"
    return f"{text[:1].upper()}{text[1:]}."


def _line(
    comparison: Comparison, level: Level | None, weight: float, a: Mapping[str, Any], b: Mapping[str, Any]
) -> Line:
    left, right = shown(comparison.field, a), shown(comparison.field, b)
    if level is None:
        return Line(comparison.field, left, right, "missing", 0.0, "")
    known = _SAID.get((comparison.field, level.name or level.verdict))
    generic = {"agree": "same", "close": "similar", "differ": "different"}[level.verdict]
    words = known if known is not None else "" if level.fixed else f"{generic} {comparison.field.replace('_', ' ')}"
    return Line(comparison.field, left, right, level.verdict, round(weight, 2), words)


def shown(field: str, record: Mapping[str, Any]) -> str:
    """What a record says about a field, for people."""
    for name in _SHOWN.get(field, (field,)):
        if record.get(name):
            return str(record[name])
    return ""


def _listed(parts: Sequence[str]) -> str:
    once = list(dict.fromkeys(parts))
    return once[0] if len(once) == 1 else f"{', '.join(once[:-1])} and {once[-1]}" if once else ""
