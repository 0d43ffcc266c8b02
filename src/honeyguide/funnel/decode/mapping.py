"""The mapping of an import: which columns of a file are ids, times, traits, and which events a row tells.

Written in YAML (docs/how-to/import-files.md). Checked once as a whole, so a row can only fail for its own values.
"""

import hashlib
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, Literal

import msgspec
import yaml
from msgspec import Struct, field

from honeyguide.core.errors import BadInput
from honeyguide.funnel.decode.vocabulary import KINDS

# libyaml reads ten times faster where the wheel of PyYAML carries it.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
ColumnType = Literal["text", "integer", "number", "money", "minor", "boolean", "time", "rating", "slug"]


class Column(Struct, frozen=True, forbid_unknown_fields=True):
    """Where a value comes from: a column with its type, or a constant `value`.

    `money` is an amount in major units of the file's currency and becomes integer minor units.
    """

    column: str = ""
    type: ColumnType = "text"
    value: str | int | float | bool | None = None


class RecordMapping(Struct, frozen=True, forbid_unknown_fields=True):
    """A person or company in a row: the column of its id and the columns of its traits."""

    id: str = ""
    traits: dict[str, str | Column] = field(default_factory=dict)


class EventMapping(Struct, frozen=True, forbid_unknown_fields=True):
    """An event a row tells, when every column in `when` has the given text and `at` is not empty."""

    kind: str
    name: str = ""
    at: str = ""
    ref: str = ""
    text: str = ""
    when: dict[str, str | list[str]] = field(default_factory=dict)
    present: list[str] = field(default_factory=list)
    props: dict[str, str | Column] = field(default_factory=dict)


class Lookup(Struct, frozen=True, forbid_unknown_fields=True):
    """A column taken from another file: of the row where `by` has this row's value of `by`, the column `take`."""

    file: str
    by: str
    take: str


class FileMapping(Struct, frozen=True, forbid_unknown_fields=True):
    """One file. `id` names a row within the file for ever; `time` is when the row happened."""

    id: str | list[str]
    time: str
    events: list[EventMapping]
    name: str = ""
    currency: str = "USD"
    lookups: dict[str, Lookup] = field(default_factory=dict)
    person: RecordMapping | None = None
    company: RecordMapping | None = None

    @property
    def id_columns(self) -> list[str]:
        """The columns that together name a row."""
        return [self.id] if isinstance(self.id, str) else self.id

    def columns(self) -> set[str]:
        """Every column a row must have, without those a lookup brings."""
        wanted = {*self.id_columns, self.time, *(lookup.by for lookup in self.lookups.values())}
        for record in (self.person, self.company):
            if record is not None:
                wanted |= {record.id, *(column_of(c).column for c in record.traits.values())}
        for event in self.events:
            wanted |= {event.at, event.text, *event.when, *event.present}
            wanted |= {column_of(c).column for c in event.props.values()}
        return wanted - {""} - set(self.lookups)


class ImportMapping(Struct, frozen=True, forbid_unknown_fields=True):
    """All files of one import. `files` maps a file name or a pattern (`usage-*.csv`) to its mapping."""

    source: str
    files: dict[str, FileMapping]
    currency: str = "USD"

    def of(self, file_name: str) -> FileMapping:
        """The mapping of a file. Raises BadInput when none is given for it."""
        for pattern, found in self.files.items():
            if fnmatch(file_name, pattern):
                named = found.name or Path(file_name).stem
                return msgspec.structs.replace(found, name=named, currency=found.currency or self.currency)
        raise BadInput(
            f"The mapping says nothing about {file_name}.", f"It describes: {', '.join(self.files)}.",
            advice="Add the file under `files:`.",
        )  # fmt: skip


def column_of(given: str | Column) -> Column:
    """The short form `trait: column` and the long one are the same."""
    return Column(column=given) if isinstance(given, str) else given


def digest_of(mapping: FileMapping) -> bytes:
    """What a log row remembers of its mapping: 16 bytes over its content."""
    return hashlib.blake2b(msgspec.json.encode(mapping), digest_size=16).digest()


def parse_mapping(text: str, name: str = "mapping") -> ImportMapping:
    """Read a mapping. Raises BadInput that names the place and what is wrong there."""
    try:
        raw: Any = yaml.load(text, Loader=_LOADER)  # noqa: S506  # both loaders are the safe ones
        if isinstance(raw, dict) and isinstance(raw.get("files"), dict):
            for one in raw["files"].values():
                if isinstance(one, dict):
                    one.setdefault("currency", raw.get("currency", "USD"))
        found = msgspec.convert(raw, ImportMapping)
    except yaml.YAMLError as e:
        raise BadInput(f"{name} is not YAML.", str(e).replace("\n", " ")) from e
    except msgspec.ValidationError as e:
        raise BadInput(f"{name} is not a mapping.", f"{e}.", advice="See docs/how-to/import-files.md.") from e
    _check(found, name)
    return found


def read_mapping(path: Path) -> ImportMapping:
    """Read a mapping file. Raises BadInput when it cannot be read or is of another form."""
    try:
        return parse_mapping(path.read_text(encoding="utf-8"), path.name)
    except (OSError, UnicodeDecodeError) as e:
        raise BadInput(f"The mapping {path} cannot be read.", str(e)) from e


def _check(found: ImportMapping, name: str) -> None:
    for file_name, one in found.files.items():
        unknown = sorted({e.kind for e in one.events} - set(KINDS))
        if unknown:
            raise BadInput(
                f"{name}, file {file_name}: {', '.join(unknown)} is no kind of event.",
                f"The kinds are: {', '.join(KINDS)}.",
            )
        if not one.events or not one.id_columns:
            raise BadInput(f"{name}, file {file_name}: it needs an `id` and at least one event.")
