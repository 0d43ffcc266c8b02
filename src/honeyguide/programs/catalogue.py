"""The library of programs that ships with the product, and any other program's file: read, checked, written."""

from functools import cache
from typing import Any

import msgspec
import yaml

from honeyguide.core.errors import BadInput, NotFound
from honeyguide.programs.checking import problems
from honeyguide.programs.file import STANDARD, GroupEntry, OfferEntry, ProgramFile, folder, standard_playbook

__all__ = [
    "STANDARD", "GroupEntry", "OfferEntry", "ProgramFile", "available", "from_yaml", "load", "parse", "plain", "problems",
    "read", "to_yaml", "too_deep",
]  # fmt: skip
LARGEST, DEEPEST = 200_000, 40


def available() -> list[str]:
    """The slugs of the library."""
    return sorted(p.name.removesuffix(".yaml") for p in folder().iterdir() if p.name.endswith(".yaml"))


@cache
def load(slug: str) -> ProgramFile:
    """A program of the library. Raises NotFound, or BadInput when the file is not of the documented form."""
    if slug not in available():
        raise NotFound(f"The library has no program {slug!r}.", advice=f"It has: {', '.join(available())}.")
    return parse(yaml.safe_load(folder().joinpath(f"{slug}.yaml").read_text(encoding="utf-8")))


def parse(source: Any) -> ProgramFile:
    """Check the content of a program file. Raises BadInput with what is wrong and where."""
    made = read(source)
    if found := problems(made):
        raise BadInput(f"The program {made.slug!r} cannot be used.", " ".join(found))
    return made


def read(source: Any) -> ProgramFile:
    """The content as a file, of the right form but not yet checked: a draft. Raises BadInput."""
    if too_deep(source):
        raise BadInput("The program file is nested too deep.")
    try:
        made = msgspec.convert(source, ProgramFile)
        text = msgspec.json.encode(made)
    except msgspec.ValidationError as e:
        raise BadInput("The program file is not of the documented form.", str(e)[:500]) from e
    except (UnicodeEncodeError, OverflowError) as e:
        raise BadInput("The program file has a value that cannot be kept.", str(e)[:200]) from e
    if b"\\u0000" in text:
        raise BadInput("The program file has a character that cannot be kept.", "It is the one with the number zero.")
    return made


def too_deep(source: Any) -> bool:
    """Are lists and maps in each other deeper than any file needs? What reads them walks down with them."""
    level = [source]
    for _ in range(DEEPEST):
        level = [
            v for one in level if isinstance(one, dict | list) for v in (one.values() if isinstance(one, dict) else one)
        ]
        if not level:
            return False
    return True


def plain(file: ProgramFile) -> dict[str, Any]:
    """The file as plain values, without what it leaves to the product."""
    made: dict[str, Any] = msgspec.to_builtins(file)
    if file.playbook == standard_playbook():
        made.pop("playbook")
    return made


def to_yaml(file: ProgramFile) -> str:
    """The file as text for a repository; reading it again gives the same file."""
    return yaml.safe_dump(plain(file), sort_keys=False, allow_unicode=True, width=110)


def from_yaml(text: str) -> ProgramFile:
    """A file's text, of the right form but not checked yet. Raises BadInput with the line."""
    if len(text) > LARGEST:
        raise BadInput("The file is too large.", f"A program has at most {LARGEST:,} characters.")
    try:
        if any(isinstance(t, yaml.AliasToken) for t in yaml.scan(text, Loader=yaml.SafeLoader)):
            raise BadInput("The file uses references (*name).", advice="Write the values where they belong.")
        source = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError, ValueError) as e:
        raise BadInput("The file is not YAML.", " ".join(str(e).split())[:300]) from e
    return read(source)
