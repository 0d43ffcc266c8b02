"""Reading SQL that is not ours before the server sees it: one SELECT, known functions, bounded growth. Pure.

This is the first of three fences and the one with friendly words. What it lets through is checked again in the
server's own plan (`views`) and is bound by what the role may do (`db.logins`), whatever the text says.
"""

import re
from collections import Counter
from collections.abc import Iterator
from math import prod

from honeyguide.core.errors import BadInput

MAX_TEXT = 4_000
_MAX_SELECTS, _MAX_JOINED_TEXT, _MAX_GROWTH = 20, 10, 20_000

# What may be called. Left out on purpose: whatever reads files, settings or other sessions, waits, locks, runs text as
# SQL, or makes a value far larger than what it was given.
_FUNCTIONS = """
    abs age avg bool_and bool_or btrim cardinality ceil ceiling coalesce corr count covar_pop covar_samp cume_dist
    date_bin date_part date_trunc dense_rank every exp extract first_value floor greatest initcap isfinite
    jsonb_array_elements jsonb_array_elements_text jsonb_array_length jsonb_each jsonb_each_text jsonb_extract_path
    jsonb_extract_path_text jsonb_object_keys jsonb_typeof lag last_value lead least left length ln log lower ltrim
    make_date make_interval max min mod mode nth_value ntile now nullif percent_rank percentile_cont percentile_disc
    position power rank regr_slope right round row_number rtrim sign split_part sqrt starts_with stddev stddev_pop
    stddev_samp strpos substr substring sum to_date to_number to_timestamp trim trunc unnest upper var_pop var_samp
    variance width_bucket generate_series nullif
"""
FUNCTIONS = frozenset(_FUNCTIONS.split())
# Words that may stand before a parenthesis without being called, and types that take a length.
_BEFORE = """
    all and any array as asc between by case cast cross desc distinct else end except exists filter following from full
    group grouping sets rollup cube having if ilike in inner intersect interval into is join lateral left right like limit
    materialized natural not null nulls offset on only or order ordinality outer over partition preceding range row rows
    select similar some symmetric then to union unique using values when where window with within
    bpchar char character decimal float numeric text time timestamp timestamptz varchar varying zone
"""
_WORDS = frozenset(_BEFORE.split())
_REFUSED = {
    "recursive": "Recursive queries are not offered: they have no bound that is known before they run.",
    "into": "SELECT INTO writes a table.",
    "update": "Rows cannot be locked or changed.",
    "share": "Rows cannot be locked.",
    "tablesample": "Samples are not offered.",
}
_TOKEN = re.compile(
    r"""
    (?P<space>\s+|--[^\n]*(?:\n|$))
  | (?P<open_comment>/\*)
  | (?P<text>[nbx]?'(?:[^']|'')*'|e'(?:[^'\\]|\\.|'')*')
  | (?P<odd>u&['"]|\$[a-z_0-9]*\$|\$\d+)
  | (?P<quoted>"(?:[^"]|"")+")
  | (?P<word>[a-z_\u0080-\U0010ffff][\w$]*)
  | (?P<number>\d[\w.]*|\.\d[\w]*)
  | (?P<mark>::|\|\||[<>=!~@\#%^&|`?+\-*/]+|[()\[\],.;:])
    """,
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)


class _Token:
    """A piece of SQL: its kind and text (names in lower case unless quoted)."""

    __slots__ = ("kind", "text")

    def __init__(self, kind: str, text: str) -> None:
        self.kind, self.text = kind, text


def checked(sql: str) -> str:
    """The statement without its closing semicolon. Raises BadInput that says which limit it breaks and what answers instead."""
    if len(sql) > MAX_TEXT:
        raise refused(sql[:MAX_TEXT], f"It is longer than {MAX_TEXT} characters.")
    if "\x00" in sql:
        raise refused("", "It holds a character that SQL does not know.")
    tokens = list(_tokens(sql))
    while tokens and tokens[-1].text == ";":
        tokens.pop()
    first = tokens[0] if tokens else _Token("word", "")
    if first.kind != "word" or first.text not in ("select", "with", "values"):
        raise refused(sql, "Only one SELECT can be run here.")
    if any(t.text == ";" for t in tokens if t.kind == "mark"):
        raise refused(sql, "It is more than one statement.")
    for t in tokens:
        if t.kind == "word" and t.text in _REFUSED:
            raise refused(sql, _REFUSED[t.text])
    _check_calls(sql, tokens)
    _check_growth(sql, tokens)
    return sql.rstrip().rstrip(";" + " \t\r\n")


def _tokens(sql: str) -> Iterator[_Token]:
    at = 0
    while at < len(sql):
        found = _TOKEN.match(sql, at)
        if found is None:
            raise refused(sql, f"It cannot be read at {sql[at : at + 20]!r}.")
        kind, text, at = str(found.lastgroup), found[0], found.end()
        if kind == "odd":
            raise refused(sql, f"It holds {text!r}: dollar quotes, parameters and escapes of names are not offered.")
        if kind == "open_comment":
            at = _after_comment(sql, at)
        elif kind != "space":
            name = text[1:-1].replace('""', '"') if kind == "quoted" else text.lower() if kind == "word" else text
            yield _Token(kind, name)


def _after_comment(sql: str, at: int) -> int:
    """The end of a comment that has begun; they nest."""
    depth = 1
    for found in re.compile(r"/\*|\*/").finditer(sql, at):
        depth += 1 if found[0] == "/*" else -1
        if depth == 0:
            return found.end()
    raise refused(sql, "A comment does not end.")


def _check_calls(sql: str, tokens: list[_Token]) -> None:
    for before, t, after in zip([_Token("", ""), *tokens], tokens, tokens[1:], strict=False):
        if after.text != "(" or after.kind != "mark" or t.kind not in ("word", "quoted"):
            continue
        if t.kind == "word" and (t.text in _WORDS or t.text in FUNCTIONS):
            continue
        if t.kind == "quoted" and t.text in FUNCTIONS:
            continue
        named = before.kind == "word" and before.text in ("with", "as")  # a list of column names
        if named or (before.kind == "mark" and before.text == ")"):
            continue
        raise refused(sql, f"The function {t.text[:60]} is not offered.")


def _check_growth(sql: str, tokens: list[_Token]) -> None:
    """Nested queries repeat what they name: the planner's work, and the size of joined texts, is the product."""
    segments: list[Counter[str]] = [Counter()]
    for t in tokens:
        if t.kind == "word" and t.text == "select":
            segments.append(Counter())
        elif t.kind in ("word", "quoted") and t.text not in _WORDS:
            segments[-1][t.text] += 1
    if len(segments) - 1 > _MAX_SELECTS:
        raise refused(sql, f"It nests more than {_MAX_SELECTS} queries.")
    if prod(max(s.values(), default=1) for s in segments) > _MAX_GROWTH:
        raise refused(sql, "It repeats the same names in nested queries too often.")
    if sum(t.text == "||" for t in tokens) > _MAX_JOINED_TEXT:
        raise refused(sql, f"It joins texts more than {_MAX_JOINED_TEXT} times.")


def refused(sql: str, why: str) -> BadInput:
    """The error of a statement that is not run, with the typed call that answers such a question."""
    return BadInput("This SQL was not run.", why, advice=instead(sql), code="sql_refused")


_INSTEAD: tuple[tuple[str, str], ...] = (
    (r"pg_read|copy|lo_import|dblink|file", "Nothing outside the graph can be read here: see `graph_node`, `graph_edge`."),
    (r"influence|pagerank", "`honeyguide graph ask \"who is most influential\"` answers from the same score."),
    (r"graph_evidence|quote", "`honeyguide graph ask \"why do we believe that A uses P\"` shows an edge's evidence."),
    (r"graph_history|recorded_at", "`honeyguide graph ask \"what changed about A since March\"` compares two dates."),
    (r"recursive|(?:graph_edge[\s\S]*){3}", "`honeyguide graph path A B` finds chains of people."),
    (r"count\s*\(", "`honeyguide graph ask \"how many people use P\"` counts."),
    (r"uses|praised|champion_of|bought|referred", "`honeyguide graph ask \"who uses P at C\"` lists them by confidence."),
    (r"generate_series|pg_sleep", "A condition on `kind`, `src` or `dst` keeps a statement small."),
)  # fmt: skip


def instead(sql: str) -> str:
    """Which typed question answers what a statement seems to be after."""
    for pattern, said in _INSTEAD:
        if re.search(pattern, sql, re.IGNORECASE):
            return said
    return '`honeyguide graph show NAME` shows what surrounds somebody; `honeyguide graph ask "..."` takes questions.'
