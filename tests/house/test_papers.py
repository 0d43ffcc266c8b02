"""Whatever a person can set, call, send or plug in is documented; a paper that has drifted fails here."""

import inspect
import re
from pathlib import Path

import click

from honeyguide import channels, decisions, delivery, enrichment, inference, jobs, ledger
from honeyguide.cli.main import root
from honeyguide.connectors.port import Transport
from honeyguide.funnel.decode import vocabulary
from honeyguide.graph.vocabulary import core
from honeyguide.settings import Settings
from tests.house import vocabulary_paper

ROOT = Path(__file__).resolve().parent.parent.parent
REFERENCE = ROOT / "docs" / "reference"
PORTS = {
    "JobQueue": jobs.JobQueue,
    "Channel": delivery.Channel,
    "Rail": ledger.Rail,
    "Inferrer": inference.Inferrer,
    "Enricher": enrichment.Enricher,
    "Expert": decisions.Expert,
    "Transport": Transport,
}


def test_every_setting_is_documented() -> None:
    names = set(
        re.findall(r'"(HONEYGUIDE_[A-Z_]+|DATABASE_URL)"', inspect.getsource(inspect.getmodule(Settings) or Settings))
    )
    paper = (REFERENCE / "settings.md").read_text()
    assert len(names) >= 8
    assert sorted(n for n in names if f"`{n}`" not in paper) == []


def commands(group: click.Group, prefix: str = "") -> list[str]:
    found = []
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None, f"{name} is listed and not there"
        if command.hidden:
            continue
        full = f"{prefix} {name}".strip()
        found += commands(command, full) if isinstance(command, click.Group) else [full]
    return found


def test_every_command_is_documented_and_explains_itself() -> None:
    paper = (REFERENCE / "cli.md").read_text()
    missing = [c for c in commands(root) if f"`honeyguide {c}" not in paper]
    assert missing == []
    for path in commands(root):
        command: click.Command | None = root
        for part in path.split():
            assert isinstance(command, click.Group)
            command = command.get_command(click.Context(command), part)
        assert command is not None
        assert command.help, f"{path} has no help"


def test_every_canonical_event_is_documented() -> None:
    paper = (REFERENCE / "events.md").read_text()
    emitted = set(vocabulary.KINDS)
    assert len(emitted) >= 20
    assert sorted(kind for kind in emitted if f"`{kind}`" not in paper) == []


def test_the_graph_vocabulary_says_what_the_code_does() -> None:
    """Otherwise: python -m tests.house.vocabulary_paper."""
    paper = vocabulary_paper.PAPER.read_text()
    assert vocabulary_paper.written(paper, core()) == paper
    assert f"version {core().version}" in paper.splitlines()[0]
    assert vocabulary_paper.written(paper.replace("| 540 |", "| 541 |", 1), core()) == paper  # a drift would be seen


def test_every_port_is_small_and_documented() -> None:
    paper = (REFERENCE / "ports.md").read_text()
    for name, port in PORTS.items():
        methods = [n for n, m in vars(port).items() if callable(m) and not n.startswith("_")]
        assert 1 <= len(methods) <= 5, f"{name} has {len(methods)} methods"
        assert f"## {name}" in paper
        for method in methods:
            assert f"`{method}`" in paper, f"{name}.{method} is not in ports.md"
    assert channels.__doc__


def test_every_dependency_has_its_reason() -> None:
    paper = (ROOT / "docs" / "dependencies.md").read_text()
    project = (ROOT / "pyproject.toml").read_text()
    runtime = project.split("dependencies = [", 1)[1].split("]\n", 1)[0]
    names = re.findall(r'"([a-z0-9-]+)(?:\[[a-z,]+\])?==', runtime)
    assert len(names) > 15
    assert sorted(n for n in names if f"`{n}`" not in paper) == []


def test_links_between_papers_lead_somewhere() -> None:
    broken = [
        f"{paper.relative_to(ROOT)} -> {target}"
        for paper in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
        for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", paper.read_text())
        if not (paper.parent / target).exists()
    ]
    assert broken == []


def test_the_project_speaks_only_of_itself() -> None:
    forbidden = re.compile(r"(?<![\w.])/(?:root|home/\w+|Users/\w+)/|\b(?:TODO|FIXME|XXX)\b")
    here = Path(__file__)
    papers = [
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
        ROOT / "Makefile",
        *(ROOT / "benchmarks").rglob("*.*"),
    ]
    code = [*(ROOT / "src").rglob("*.py"), *(ROOT / "tests").rglob("*.py"), *(ROOT / "web" / "src").rglob("*.ts*")]
    found = [
        str(path.relative_to(ROOT))
        for path in papers + code
        if path != here and "__pycache__" not in path.parts and forbidden.search(path.read_text(errors="replace"))
    ]
    assert found == []
