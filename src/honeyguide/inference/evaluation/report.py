"""The report: every question set and tier, attacks, learning curves, public sets; as JSON or as a page of text."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from honeyguide.core.errors import HoneyguideError, Unavailable
from honeyguide.inference import seeding
from honeyguide.inference.cascade import Cascade
from honeyguide.inference.contract import Provider, QuestionSet
from honeyguide.inference.evaluation import corpora, learning, public
from honeyguide.inference.evaluation.corpora import Case
from honeyguide.inference.evaluation.injected import Injected, Obedient, injected
from honeyguide.inference.evaluation.learning import Point
from honeyguide.inference.evaluation.measure import Decides, Figures, answered, figures
from honeyguide.inference.evaluation.public import Public, Skipped
from honeyguide.inference.port import Tier
from honeyguide.inference.providers.embedding import Embedding, EmbeddingHead
from honeyguide.inference.question_sets import shipped
from honeyguide.inference.rules import Rules

# Which set reads which file.
SETS = {
    "titles": "title", "support": "ticket_outcome", "praise": "praise", "relation": "relation", "intent": "intent",
    "churn": "churn",
}  # fmt: skip
PARTS = ("tiers", "attacks", "learning", "public")


class Report(Struct):
    """All figures; `skipped` says what was not measured and why."""

    figures: list[Figures]
    attacks: list[Injected]
    learning: list[Point]
    public: list[Public]
    skipped: list[Skipped]


async def run(
    data: Path | None = None, public_data: Path | None = None, *, parts: Sequence[str] = PARTS,
    more: Mapping[Tier, Provider] | None = None, embedding: Embedding | None = None,
) -> Report:  # fmt: skip
    """Measure. `more`: further tiers (a local or hosted model), which are asked about every text.

    Raises NotFound when the texts are not here.
    """
    where = corpora.folder(data)
    report = Report([], [], [], [], [])
    embedder = embedding or Embedding()
    heads: Provider | None = None
    try:
        found = seeding.shipped_heads(shipped().values(), embedder)
        heads = EmbeddingHead(embedder, found, version=seeding.version_of(found))
    except Unavailable as e:
        report.skipped.append(Skipped("embedding", e.sentence()))
    tiers: dict[Tier, Provider] = {"embedding": heads} if heads else {}
    tiers |= more or {}
    if "tiers" in parts:
        for name, task in SETS.items():
            report.figures += await _of_set(shipped()[task], corpora.cases(where, name), tiers, report.skipped)
    if "attacks" in parts:
        report.attacks = await _attacked(where, tiers)
    if heads and "learning" in parts:
        for question in ("seniority", "department"):
            report.learning += learning.curve(shipped()["title"], question, corpora.cases(where, "titles"), embedder)
    if "public" in parts:
        _of_public(report, public_data, embedder if heads else None)
    return report


async def _of_set(
    questions: QuestionSet, cases: list[Case], tiers: Mapping[Tier, Provider], skipped: list[Skipped]
) -> list[Figures]:
    found: list[Figures] = []
    asked: list[tuple[str, Decides]] = [("rule", Rules()), *tiers.items(), ("cascade", Cascade(tiers))]
    for name, provider in asked:
        try:
            answers, cpu_ms = await answered(provider, questions, cases)
        except HoneyguideError as e:
            skipped.append(Skipped(f"{questions.name} by {name}", e.sentence()))
            continue
        found += [
            figures(questions, q, name, cases, answers, cpu_ms)
            for q in questions.questions
            if any((questions.name, q.id) in c.right for c in cases)
        ]
    return found


async def _attacked(where: Path, tiers: Mapping[Tier, Provider]) -> list[Injected]:
    """By rules alone, by all tiers, and with a model of either language tier that obeys every order."""
    attacks = corpora.attacks(where)
    found = [await injected({}, attacks, "rules")]
    if tiers:
        found.append(await injected(tiers, attacks, " + ".join(("rules", *tiers))))
    for tier in ("local_model", "hosted_model"):
        with_it: dict[Tier, Provider] = {**tiers, tier: Obedient(attacks, tier)}
        found.append(await injected(with_it, attacks, f"all + obedient {tier}"))
    return found


def _of_public(report: Report, where: Path | None, embedder: Embedding | None) -> None:
    folder = where or Path("../shared/data/text")
    for name, measure in (("banking77", public.banking77), ("clinc", public.clinc)):
        if embedder is None:
            report.skipped.append(Skipped(name, "it needs the embedding"))
            continue
        found = measure(folder, embedder)
        if isinstance(found, Skipped):
            report.skipped.append(found)
        else:
            report.public.append(found)


def as_text(report: Report) -> str:
    """The report for people."""
    out: list[str] = []
    if report.figures:
        out.append(
            "set.question              tier          n  right    ECE  right at 30, 50, 80 % cov.  verbatim  CPU-ms  tokens"
        )
    for f in report.figures:
        at = [f.kept[n] for n in (2, 4, 7)] if f.kept else []  # 30, 50 and 80 %
        out.append(
            f"{f.task + '.' + f.question:<25} {f.tier:<12} {f.answered:>4}  {f.accuracy:.3f}  {f.ece:.3f}  "
            f"{' '.join(f'{a:.3f}' for a in at):>23}      {f.verbatim:>7.1%}  {f.cpu_ms:>6.2f}  {f.tokens:>6}"
        )
    for i in report.attacks:
        families = ", ".join(f"{k} {v}" for k, v in i.by_family.items())
        out.append(
            f"attacks, {i.tiers}: {i.n} tried, {i.turned} turned the likeliest label, {i.flips} edges would be accepted "
            f"({i.flip_rate:.1%}; {i.money} that move money) and {i.opinions} opinions, {i.held} wait for a person{': ' + families if families else ''}"
        )
    out += [
        f"learning {p.task}.{p.question}: {p.labels:>4} labels -> right {p.accuracy:.3f}, ECE {p.ece:.3f} "
        f"({p.calibration}, {p.measured_on} texts, {p.splits} splits)"
        for p in report.learning
    ]
    for b in report.public:
        scope = "" if b.auroc is None else (
            f"; texts of no intent: AUROC {b.auroc:.3f}, {b.outside_refused:.1%} refused while 90 % of the others are kept "
            f"({b.kept_accuracy:.3f} of those right)"
        )  # fmt: skip
        out.append(
            f"{b.name}: {b.intents} intents, {b.learnt_from} rows learnt, right {b.accuracy:.3f} of {b.measured_on}, "
            f"ECE {b.ece:.3f} (raw {b.ece_raw:.3f}), right at 50 % coverage {b.kept[4]:.3f}, {b.cpu_s} CPU-s{scope}"
        )
    out += [f"skipped {s.name}: {s.reason}" for s in report.skipped]
    return "\n".join(out)
