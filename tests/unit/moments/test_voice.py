"""Praise and promoter scores: what counts as delight, and what only looks like it."""

from datetime import timedelta
from uuid import UUID

import pytest

from honeyguide.core.ids import content_id
from honeyguide.inference import Fact
from honeyguide.moments import praise, survey_promoter
from honeyguide.moments.voice import Said, Score, Voice, doubtful, survey_score
from tests.unit.inference.story import hour


def ident(name: str) -> UUID:
    return UUID(int=content_id("voice", name).int)


def said(at: float, quote: str, *, good: bool = True, words: str = "", **more: object) -> Said:
    given: dict[str, object] = {
        "record": 1, "company": 2, "praise": good, "at": hour(at), "confidence": 0.9, "quote": quote, "about": "dispatch",
        "source": "zendesk", "ref": f"Zendesk #{at:g}", "inferrer": "rule:praise@1", "event_id": ident(f"{at}{quote}"),
        "words": words or quote,
    }  # fmt: skip
    return Said(**(given | more))  # type: ignore[arg-type]


def score(at: float, value: float, top: float = 10, survey: str = "nps", record: int = 1) -> Score:
    return Score(record, 2, survey, value, top, hour(at), "hubspot", f"NPS {at:g}", ident(f"{at}{value}{survey}"))


def praised(*things: Said | Score) -> list[str]:
    return [m.evidence[0].quote for m in praise.of_voice(voice(*things))]


def promoted(*things: Said | Score) -> list[float]:
    return [m.strength for m in survey_promoter.of_voice(voice(*things))]


def voice(*things: Said | Score) -> Voice:
    return Voice.of([t for t in things if isinstance(t, Said)], [t for t in things if isinstance(t, Score)])


GOOD = "The route view is a joy to use."


def test_praise_in_their_own_words_is_a_moment_that_can_be_quoted() -> None:
    (moment,) = praise.of_voice(voice(said(0, GOOD)))
    assert (moment.kind, moment.strength, moment.title) == ("praise", 0.675, "Praised Dispatch")
    assert moment.evidence[0].quote == GOOD
    (heard,) = praise.of_voice(voice(said(0, GOOD, staff=True)))
    assert heard.strength < moment.strength, "what our own people wrote down counts less"


@pytest.mark.parametrize(
    "text",
    [
        "Oh great, another outage. Fantastic work.",
        "Brilliant. Another crash in the middle of the day.",
        "Excellent support? Yeah, right.",
        "Your website says it is the best planning tool. Fantastic.",
        'My boss said "brilliant software" but he never used it.',
        "According to your sales team the search is amazing.",
        "Thanks for nothing. Great service.",
        "> The route view is a joy to use.",
        "“Great support”, my foot.",
        "Great, now it crashes on Mondays, too.",
    ],
)
def test_irony_and_the_words_of_others_are_no_praise(text: str) -> None:
    assert doubtful(text, text)
    assert praised(said(0, text)) == []


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        "I am honestly impressed by how fast the search has become.",
        "Your support is the fastest I have ever dealt with.",
        "Wonderful, the export works now and saves us an hour a day.",
        'The "week view" is fantastic.',
        "Great work on the new board, the whole depot loves it.",
        "The search works great now.",
    ],
)
def test_plain_praise_is_no_irony(text: str) -> None:
    assert not doubtful(text, text)


def test_irony_is_seen_beside_the_quote_too() -> None:
    text = "Well, great. The planner is fantastic. It has lost my week again."
    assert praised(said(0, "The planner is fantastic.", words=text)) == []


def test_praise_that_is_doubted_open_or_part_of_a_support_success_is_none() -> None:
    assert praised(said(0, GOOD, confidence=0.69)) == []
    assert praised(said(0, GOOD, waiting=True)) == []
    assert praised(said(0, GOOD, helped=True)) == []


def test_a_complaint_soon_after_takes_praise_away_and_one_before_weakens_it() -> None:
    complaint = said(5, "It lost my data.", good=False)
    assert praised(said(0, GOOD), complaint) == []
    assert praised(said(0, GOOD), score(5, 2)) == []
    assert praised(said(0, GOOD), said(24 * 60, "It lost my data.", good=False)) == [GOOD], "months later"
    (weak,) = praise.of_voice(voice(said(-48, "It lost my data.", good=False), said(0, GOOD)))
    assert weak.strength == pytest.approx(0.7 * 0.675, abs=0.001)


def test_three_kind_words_in_a_week_are_one_moment() -> None:
    assert praised(said(0, GOOD), said(24, "Superb."), said(48, "Love it.")) == [GOOD]
    assert len(praised(said(0, GOOD), said(24 * 30, "Superb."))) == 2


def test_the_best_scores_are_moments() -> None:
    assert promoted(score(0, 10)) == [0.7]
    assert promoted(score(0, 9)) == [0.6]
    assert promoted(score(0, 8)) == []
    assert promoted(score(0, 5, 5)) == [0.7]
    assert promoted(score(0, 4, 5)) == []
    assert promoted(score(0, 7, 7)) == [0.7]


def test_a_promoter_who_complains_an_hour_later_is_none() -> None:
    assert promoted(score(0, 10), said(1, "It lost my data.", good=False)) == []
    assert promoted(score(0, 10), score(1, 1, 5, survey="")) == [], "a ticket rated 1"
    assert promoted(score(0, 10), score(24, 3)) == [], "the same survey, answered again"
    assert promoted(score(0, 10), score(24, 8)) == [], "the last answer counts"
    assert promoted(said(-24, "It lost my data.", good=False), score(0, 10)) == [pytest.approx(0.42)]


def test_words_of_praise_in_the_answer_strengthen_it_unless_they_are_irony() -> None:
    given = score(0, 10)
    assert promoted(given, said(0, GOOD, event_id=given.event_id)) == [pytest.approx(0.85)]
    irony = said(0, "Oh great, another outage.", event_id=given.event_id)
    assert promoted(given, irony) == [0.7]
    (moment,) = survey_promoter.of_voice(voice(given, irony))
    assert moment.evidence[0].quote == "", "and are not quoted"


def test_one_answer_of_two_systems_is_one_moment() -> None:
    twice = [score(0, 10), score(0.2, 10, survey="nps-q1", record=7)]
    assert len(promoted(*twice)) == 1


@pytest.mark.parametrize(
    ("props", "expected"),
    [
        ({"score": 10, "scale_max": 10}, 1.0),
        ({"score": 9}, 0.9),
        ({"score": 5}, None),
        ({"score": 11, "scale_max": 10}, None),
        ({"score": "10", "scale_max": 10}, None),
        ({"score": True, "scale_max": 1}, None),
        ({"scale_max": 10}, None),
        ({"score": 1, "scale_max": 1}, None),
    ],
)
def test_a_score_needs_a_scale_it_can_stand_on(props: dict[str, object], expected: float | None) -> None:
    found = survey_score(Fact(ident("x"), "survey.answered", hour(0), "hubspot", "NPS", person=1, props=props))
    assert (found.share if found else None) == expected


def test_the_order_of_telling_plays_no_part() -> None:
    things: list[Said | Score] = [
        said(0, GOOD), said(30, "Superb."), score(10, 10), score(24 * 40, 9), said(24 * 45, "It broke.", good=False),
    ]  # fmt: skip
    assert voice(*things) == voice(*reversed(things))
    assert voice(*things).soured(hour(0), hour(0) + timedelta(days=50))
