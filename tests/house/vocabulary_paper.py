"""Writes the tables of docs/reference/graph-vocabulary.md from the vocabulary: `python -m tests.house.vocabulary_paper`."""

from pathlib import Path

from honeyguide.graph.vocabulary import EdgeKind, Vocabulary, core

PAPER = Path(__file__).resolve().parents[2] / "docs" / "reference" / "graph-vocabulary.md"
BEGIN, END = "<!-- {name}: written from graph/vocabulary.yaml -->", "<!-- end of {name} -->"


def nodes(known: Vocabulary) -> str:
    """The table of node kinds."""
    head = "| code | kind | what | key | properties | personal |\n| --- | --- | --- | --- | --- | --- |\n"
    return head + "".join(
        f"| {k.code} | {k.name} | {k.about} | {k.key} | {k.props} | {_yes(k.personal)} |\n"
        for k in known.nodes.values()
    )


def edges(known: Vocabulary) -> str:
    """The table of edge kinds."""
    head = (
        "| code | kind | from, to | what | stated by | half-life | rule | inferred from | personal |\n"
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n"
    )
    return head + "".join(
        f"| {k.code} | {k.name} | {_either(k.source)}, {_either(k.target)} | {k.about} | {k.stated_by} | "
        f"{'-' if k.half_life_days is None else f'{k.half_life_days:g}'} | {_rule(k)} | "
        f"{'-' if k.inferable is None else k.inferable} | {_yes(k.personal)} |\n"
        for k in known.edges.values()
    )


def _either(kinds: tuple[str, ...]) -> str:
    return " or ".join(kinds) or "any"


def _rule(kind: EdgeKind) -> str:
    return f"exclusive: {', '.join(kind.excludes)}" if kind.excludes else kind.rule


def _yes(said: bool) -> str:
    return "yes" if said else "-"


def written(paper: str, known: Vocabulary) -> str:
    """The paper with its tables renewed. Raises ValueError when the marks are gone."""
    for name, table in (("nodes", nodes(known)), ("edges", edges(known))):
        begin, end = BEGIN.format(name=name), END.format(name=name)
        before, rest = paper.split(begin)
        _, after = rest.split(end)
        paper = f"{before}{begin}\n{table}{end}{after}"
    return paper


if __name__ == "__main__":
    PAPER.write_text(written(PAPER.read_text(), core()))
