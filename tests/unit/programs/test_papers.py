"""The reference of playbooks names whatever the shipped program uses."""

from pathlib import Path

from honeyguide import programs
from honeyguide.core.money import money_text

PAPER = (Path(__file__).resolve().parents[3] / "docs" / "reference" / "playbooks.md").read_text()


def test_every_feature_group_and_offer_is_in_the_paper() -> None:
    file = programs.load("customer-referrals")
    parts = {part for f in file.playbook.factors.values() for name in f.effects for part in name.split("*")}
    words = {p if p.split(":")[0] in ("moment", "tone", "channel") else p.split(":")[-1] for p in parts if ":" in p}
    slugs = {programs.offer_key(g.slug) for g in file.groups} | {
        programs.offer_key(o.slug) for g in file.groups for o in g.offers
    }
    assert sorted(w for w in words - slugs if f"`{w}`" not in PAPER and f":{w}`" not in PAPER) == []
    assert sorted(p for p in parts if ":" not in p and f"`{p}`" not in PAPER) == []
    for group in file.groups:
        assert f"| `{group.slug}` |" in PAPER
        for offer in group.offers:
            said = money_text(offer.amount_minor or offer.cap_minor or 0, file.terms.currency)
            assert offer.incentive == "beta_access" or said in PAPER
