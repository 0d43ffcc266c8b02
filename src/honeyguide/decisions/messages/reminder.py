"""The words of a reminder: it says that it is one, and of what; the link, the offer and the sentence of the law are the ask's."""

from datetime import datetime

from honeyguide.decisions.messages.compose import KNOWN_AS, arranged, legal, offer_words, one_line
from honeyguide.decisions.messages.draft import LINK, Draft, Part, body_of
from honeyguide.decisions.messages.plain import first_name, plain
from honeyguide.decisions.messages.texts import filled, texts
from honeyguide.decisions.situation import Action, Situation


def remind(situation: Situation, action: Action, asked_at: datetime, number: int, most: int) -> Draft | str:
    """The `number`th of `most` reminders of an ask made at `asked_at`, or, as a sentence, what it needs and nobody knows.

    It claims nothing of the moment, which is over by then, and says nothing personal twice.
    """
    known, tone = texts().reminder, action.tone if action.tone in texts().greeting else "warm"
    values = {
        "first_name": first_name(situation.person.name if situation.person else ""),
        "workspace": plain(situation.workspace),
        "day": f"{asked_at.day} {asked_at:%B}",
    }
    try:
        slots = {
            "greeting": Part("greeting", filled(texts().greeting[tone], values)),
            "opening": Part("opening", filled(known.opening[tone], values)),
            "ask": Part("ask", filled(known.ask[tone], values)),
            "out": Part("out", known.last if number >= most else known.more),
            "close": Part("close", filled(texts().close[tone], values)),
        }
        subject = filled(known.subject[tone], values)
    except KeyError as absent:
        name = str(absent.args[0])
        return f"The message needs {KNOWN_AS.get(name, name)}, which is not known."
    slots |= {"link": Part("link", LINK), "offer": Part("offer", offer_words(action, tone))}
    slots |= legal(situation, action, None)
    empty = {name: Part("phrase", "") for name in ("phrase", "view")}
    # The long order is the one that has a place for how to be left alone; in the product it goes with the offer.
    paragraphs = arranged(slots | empty, action.channel, "full")
    if action.channel == "inapp":
        paragraphs = (*paragraphs, (slots["out"],))
    return Draft(one_line(subject), body_of(paragraphs), paragraphs=paragraphs)
