"""eval: how good the parts that judge are, in figures."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import click
import msgspec

from honeyguide.core.errors import BadInput
from honeyguide.inference import evaluation
from honeyguide.inference.contract import Provider
from honeyguide.inference.evaluation.report import PARTS
from honeyguide.inference.models.store import Store
from honeyguide.inference.port import Tier
from honeyguide.inference.providers import build
from honeyguide.settings import Settings


@click.group(name="eval")
def evaluate() -> None:
    """Measure the parts that judge."""


@evaluate.command(name="inference")
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    help="Folder of the labelled texts (tests/data/inference of the checkout).",
)
@click.option("--public", type=click.Path(path_type=Path), help="Folder of banking77 and CLINC (../shared/data/text).")
@click.option("--part", "parts", multiple=True, help="Only these: tiers, attacks, learning, public. May be repeated.")
@click.option(
    "--models", is_flag=True, help="Ask the local and hosted model of the settings as well. Hosted ones cost money."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def inference_command(
    data: Path | None, public: Path | None, parts: tuple[str, ...], models: bool, as_json: bool
) -> None:
    """Accuracy, calibration error, abstention, cost and injection flips, per question set and tier."""
    if unknown := set(parts) - set(PARTS):
        raise BadInput(f"There is no part {sorted(unknown)[0]!r}.", advice=f"Choose from {', '.join(PARTS)}.")
    report = asyncio.run(evaluation.run(data, public, parts=parts or PARTS, more=_models() if models else None))
    click.echo(msgspec.json.encode(report).decode() if as_json else evaluation.as_text(report))


def _models() -> Mapping[Tier, Provider]:
    settings = Settings.load()
    return build(settings, Store(settings.models))
