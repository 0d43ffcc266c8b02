"""The library of programs that ships with the product: YAML files, checked when they are read."""

from functools import cache
from importlib.resources import files
from typing import Any

import msgspec
import yaml
from msgspec import Struct, field

from honeyguide.core.errors import BadInput, NotFound
from honeyguide.programs.playbook import FACTORS, TONES, Playbook
from honeyguide.programs.terms import Conditions, Incentive, Size, Terms

_FOLDER = files("honeyguide.programs").joinpath("library")


class OfferEntry(Struct, frozen=True, forbid_unknown_fields=True):
    """An offer as the file spells it. Amounts in minor units of the program's currency."""

    slug: str
    label: str
    incentive: Incentive
    amount_minor: int = 0
    rate_bp: int = 0
    cap_minor: int | None = None
    size: Size = "medium"


class GroupEntry(Struct, frozen=True, forbid_unknown_fields=True):
    """A group as the file spells it; the order of the file is the order of the conditions."""

    slug: str
    name: str
    conditions: Conditions
    offers: list[OfferEntry]


class ProgramFile(Struct, frozen=True, forbid_unknown_fields=True):
    """A whole program file."""

    slug: str
    name: str
    version: int
    terms: Terms
    groups: list[GroupEntry]
    playbook: Playbook
    description: str = field(default="")


def available() -> list[str]:
    """The slugs of the library."""
    return sorted(p.name.removesuffix(".yaml") for p in _FOLDER.iterdir() if p.name.endswith(".yaml"))


@cache
def load(slug: str) -> ProgramFile:
    """A program of the library. Raises NotFound, or BadInput when the file is not of the documented form."""
    if slug not in available():
        raise NotFound(f"The library has no program {slug!r}.", advice=f"It has: {', '.join(available())}.")
    return parse(yaml.safe_load(_FOLDER.joinpath(f"{slug}.yaml").read_text(encoding="utf-8")))


def parse(source: Any) -> ProgramFile:
    """Check the content of a program file. Raises BadInput with what is wrong and where."""
    try:
        made = msgspec.convert(source, ProgramFile)
    except msgspec.ValidationError as e:
        raise BadInput("The program file is not of the documented form.", str(e)) from e
    if problems := _problems(made):
        raise BadInput(f"The program {made.slug!r} cannot be used.", " ".join(problems))
    return made


def _problems(made: ProgramFile) -> list[str]:
    found = [] if sum(g.conditions.default for g in made.groups) == 1 else ["Exactly one group must be the default."]
    for group in made.groups:
        found += _group_problems(group, made.playbook)
    return found + _playbook_problems(made.playbook)


def _group_problems(group: GroupEntry, playbook: Playbook) -> list[str]:
    found = [] if group.offers else [f"The group {group.slug} has no offer."]
    for offer in group.offers:
        if offer.incentive == "commission" and not 0 < offer.rate_bp <= 10_000:
            found.append(f"The commission {offer.slug} needs a rate between 1 and 10000 basis points.")
        if offer.incentive in ("gift_card", "renewal_credit") and offer.amount_minor <= 0:
            found.append(f"The offer {offer.slug} needs an amount.")
    found += [
        f"The playbook's {table} does not name the group {group.slug}."
        for table in ("margin_minor", "first_year_minor", "goodwill_minor")
        if group.slug not in getattr(playbook.economics, table)
    ]
    return found


def _playbook_problems(playbook: Playbook) -> list[str]:
    found = [f"The playbook has no factor {name}." for name in FACTORS if name not in playbook.factors]
    found += [f"The base of {n} must lie between 0 and 1." for n, f in playbook.factors.items() if not 0 < f.base < 1]
    found += [
        f"The tone of {key} must be one of {', '.join(TONES)}."
        for key, tone in playbook.tone.items()
        if tone not in TONES
    ]
    return found if "default" in playbook.tone else [*found, "The playbook names no default tone."]
