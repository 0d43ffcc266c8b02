"""The words of an ask: complete for every kind, tone, length and channel; true; and with nothing blank in them."""

import re
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
import pytest

from honeyguide import decisions
from honeyguide.core.errors import BadInput
from honeyguide.db import Database, Tx
from honeyguide.decisions.messages import Draft, compose, law_of, phrase_tables, policy_note
from honeyguide.decisions.messages.draft import LINK
from honeyguide.decisions.messages.texts import missing, texts
from honeyguide.decisions.situation import Detail
from honeyguide.delivery.compose import AskMessage
from honeyguide.delivery.compose import compose as sent
from honeyguide.programs import playbooks
from tests.unit.decisions import world
from tests.unit.decisions.messages.letters import PROOF, action, every, situation, step, written
from tests.unit.decisions.world import NOW


def test_every_cell_has_words_and_none_has_a_blank() -> None:
    drafts = every()
    assert len(drafts) == 9 * 5 * 2 * 2 * 4
    for made in drafts:
        text = made.body.replace(LINK, "")
        assert made.subject.strip() == made.subject
        assert 4 <= len(made.subject) <= 78
        assert made.body.count(LINK) == 1
        assert LINK in made.body.split("\n\n")
        assert not re.search(r"[{}<>\[\]]", made.subject + text), text
        assert "  " not in text
        assert "None" not in text
        assert not re.search(r"\s[.,!?]", text.replace("\n", "")), text


def test_the_english_keeps_its_manners() -> None:
    """Short sentences, one exclamation at most outside the enthusiastic tone, never a shout, no marketing words."""
    marketing = re.compile(r"\b(leverage|synergy|game.?chang|revolution|unlock|exclusive|act now|limited|amazing|best.in.class|guarantee)", re.I)  # fmt: skip
    for made in every():
        text = made.body.replace(LINK, "")
        assert not marketing.search(text)
        assert text.count("!") <= 3
        assert not re.search(r"\b[A-Z]{3,}\b", text)
        sentences = [s for s in re.split(r"[.!?:]\s", text) if s.strip()]
        assert max(len(s.split()) for s in sentences) <= 34, max(sentences, key=len)
        words = len(text.split())
        assert 20 <= words <= 130, words


def test_short_is_shorter_and_the_product_needs_no_greeting() -> None:
    full, short = written(length="full"), written(length="short")
    assert len(short.body) < len(full.body)
    assert "Hello Ana," in short.body
    inside = written(channel="inapp")
    assert "Hello" not in inside.body
    assert "team" not in inside.body.splitlines()[-1]


def test_whatever_offers_a_reward_says_so() -> None:
    for made in every():
        assert made.disclosure == "When you recommend us, please say that you may receive a reward for it."
        assert made.disclosure in made.body
    assert law_of("US") == "16 CFR Part 255 (FTC Endorsement Guides)"
    assert law_of(" germany ") == "section 5a UWG"
    assert "most countries" in law_of("")


@pytest.mark.parametrize(
    ("incentive", "segment", "vertical", "said"),
    [
        ("gift_card", "enterprise", "saas", True),
        ("renewal_credit", "small_business", "health", True),
        ("renewal_credit", "mid_market", "fintech", True),
        ("gift_card", "small_business", "saas", False),
        ("commission", "partner", "fintech", False),
    ],
)
def test_an_employers_rules_come_first_where_they_often_forbid(
    incentive: str, segment: str, vertical: str, said: bool
) -> None:
    assert bool(policy_note(incentive, segment, vertical)) is said  # type: ignore[arg-type]


def test_the_rules_follow_the_playbook_or_the_companys_facts() -> None:
    note = "Please check first that your employer's rules allow it."
    bank = situation(facts={"industry": "Banking"})
    by_facts = compose(bank, action("renewal-credit"))
    assert isinstance(by_facts, Draft)
    assert note in by_facts.body
    shop = compose(bank, action("renewal-credit"), None, playbooks.resolve("value", "small_business", "other"))
    assert isinstance(shop, Draft)
    assert note not in shop.body


def test_what_is_missing_is_said_instead_of_a_blank() -> None:
    assert compose(situation(name="info"), action()) != ""
    for nameless in ("", "info@acme.example", "http://evil.example", "{{ link }}", "12345", "<b>Ana</b>"):
        assert (
            compose(situation(name=nameless), action())
            == "The message needs the person's first name, which is not known."
        )
    assert (
        compose(situation(workspace=" {}<> "), action())
        == "The message needs the workspace's name, which is not known."
    )
    assert compose(situation("total_eclipse"), action()) == "There are no words for total eclipse."
    inside = compose(situation("anniversary", name=""), action(tone="formal", channel="inapp"), step("full", "formal"))
    assert isinstance(inside, str)  # a closing it does not show may need a name; the draft is all or nothing


def test_an_unknown_tone_falls_back_to_the_steps() -> None:
    made = compose(situation(), action(tone="shouting"), step("short", "formal"))
    assert isinstance(made, Draft)
    assert made.body.startswith("Dear Ana,")


def test_a_missing_slot_is_found() -> None:
    spoilt = msgspec.to_builtins(texts())
    del spoilt["moment"]["renewal"]["opening"]["formal"]["short"]
    spoilt["out"]["brief"] = ""
    del spoilt["moment"]["praise"]
    told = missing(msgspec.convert(spoilt, type(texts())))
    assert "There are no words for praise." in told
    assert "The opening of renewal lacks formal, short." in told
    assert "The out lacks the tone brief." in told


def detail(kind: str, words: str = "", confidence: float = 0.9, quote: str = "") -> Detail:
    return Detail(kind, words, confidence, PROOF | {"quote": quote})


def test_personal_phrases_need_more_than_seven_tenths_and_evidence() -> None:
    assert written(details=(detail("power_user", "Atlas", 0.7),)).phrases == ()
    assert written(details=(Detail("power_user", "Atlas", 0.99, {}),)).phrases == ()
    made = written(details=(detail("power_user", "Atlas", 0.7001),))
    assert [p.text for p in made.phrases] == ["You work with Atlas a great deal, so your view counts."]
    assert made.phrases[0].evidence["record"] == "Zendesk #7"
    assert made.phrases[0].fact == "is a power user of Atlas"
    assert made.phrases[0].text in made.body


def test_the_most_telling_phrases_and_no_more() -> None:
    known = (
        detail("uses", "Atlas"),
        detail("referred"),
        detail("praised", quote="You are simply lovely"),
        detail("attended", "Summer Days"),
    )
    full, short = written(details=known), written(details=known, length="short")
    assert [p.fact for p in full.phrases] == ["referred somebody", "uses Atlas"]
    assert [p.fact for p in short.phrases] == ["referred somebody"]
    kind = written(details=known[2:])
    assert "“You are simply lovely”" in kind.body
    assert [p.fact for p in kind.phrases] == ["praised us"]


def test_a_phrase_does_not_repeat_the_moment() -> None:
    assert written("praise", details=(detail("praised", quote=""),)).phrases == ()
    assert written("usage_spike", details=(detail("power_user", "Atlas"),)).phrases == ()


def test_a_new_job_is_congratulated_by_name_of_the_company() -> None:
    made = written("job_change", details=(detail("works_at", "Globex"), detail("referred")))
    assert [p.text for p in made.phrases] == ["All the best at Globex!"]


def test_nobody_else_is_named() -> None:
    made = written(details=(detail("referred", "Maya Okafor"),))
    assert "Maya" not in made.body
    assert "Maya" not in made.phrases[0].fact


def test_every_draft_can_be_sent() -> None:
    for made in every()[::17]:
        message = AskMessage(
            "1",
            1,
            None,
            "email",
            "ana@x.example",
            made.subject,
            made.body,
            "https://acme.example/r/ana-7Q4KX9",
            "",
            "Acme",
        )
        mail = sent(message, "https://acme.example/u/1")
        assert mail.text.count("https://acme.example/r/ana-7Q4KX9") >= 1
        assert made.disclosure in mail.text


async def until_asked(tx: Tx, moment: UUID) -> datetime:
    """Some decisions wait a day by lot: look again until one asks, a few days long."""
    for day in range(5):
        at = NOW + timedelta(hours=21 * day)
        await decisions.decide(tx, at)
        if await tx.value("select 1 from ask where workspace_id = $1 and moment_id = $2", tx.workspace_id, moment):
            return at
    raise AssertionError("five looks and nobody was asked")


async def test_phrases_come_from_edges_and_are_kept_with_the_ask(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        firm = await world.treated(tx, "company")
        ana = await world.persona(tx, "ana", firm)
        atlas, rumour = await world.company(tx, "atlas"), await world.company(tx, "rumour")
        for target in (atlas, rumour):
            await world.edge(tx, "power_user_of", ana, target)
        await world.signal(tx, "power_user_of", ana, atlas, confidence=0.93)
        await tx.run("update edge set confidence = 0.69 where workspace_id = $1 and dst = $2", tx.workspace_id, rumour)
        await world.signal(tx, "power_user_of", ana, rumour, confidence=0.69)
        when = await world.moment(tx, ana, firm)
        await until_asked(tx, when)
        rows = await tx.rows(
            "select id, body from ask where workspace_id = $1 and moment_id = $2", tx.workspace_id, when
        )
        said = await phrase_tables.of_ask(tx, rows[0]["id"])
        assert [p.fact for p in said] == ["is a power user of Atlas"]
        assert said[0].text in rows[0]["body"]
        assert said[0].evidence["record"] == "Zendesk #1"
        assert said[0].confidence > 0.7
        faded = await decisions.messages.details_of(tx, [ana], NOW + timedelta(days=120))
        assert [d.words for d in faded.get(ana, ())] == []  # power use fades, and with it the phrase
        assert await phrase_tables.forget(tx, [ana]) == 1
        assert await phrase_tables.of_ask(tx, rows[0]["id"]) == []


async def test_an_edit_cannot_take_the_disclosure_out(db: Database, workspace: int) -> None:
    async with db.tx(workspace) as tx:
        firm = await world.treated(tx, "company")
        ana = await world.persona(tx, "ana", firm)
        when = await world.moment(tx, ana, firm)
        now = await until_asked(tx, when)
        ask = await tx.value("select id from ask where workspace_id = $1 and moment_id = $2", tx.workspace_id, when)
        made = await decisions.approve(
            tx, ask, "lea", decisions.Edits(body="Hi Ana, share {{ link }} and get rich."), now
        )
        assert made.body.endswith("\n\nWhen you recommend us, please say that you may receive a reward for it.\n")
        noted = await tx.value(
            "select detail from audit_entry where workspace_id = $1 and action = 'ask.approved'", tx.workspace_id
        )
        assert noted["put_back"].startswith("When you recommend us")


def test_texts_that_are_not_complete_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("honeyguide.decisions.messages.texts.missing", lambda _made: ["The ask lacks warm, full."])
    texts.cache_clear()
    with pytest.raises(BadInput, match="not complete"):
        texts()
    texts.cache_clear()
