"""From a situation and an action to a letter: slots by tone, length and channel, and nothing that is not known.

The text never holds a blank: when a slot needs what nobody knows, the answer is that sentence instead of a draft.
"""

from honeyguide.core.money import money_text
from honeyguide.decisions.messages.disclosure import disclosure, policy_note
from honeyguide.decisions.messages.draft import FREE, LINK, Draft, Part, Slot, body_of
from honeyguide.decisions.messages.phrases import USE, phrases
from honeyguide.decisions.messages.plain import first_name, plain
from honeyguide.decisions.messages.texts import Texts, filled, texts
from honeyguide.decisions.situation import Action, Situation
from honeyguide.programs.journey import segment_of, vertical_of
from honeyguide.programs.playbooks import LENGTHS, Playbook, Step

KNOWN_AS = {"first_name": "the person's first name", "workspace": "the workspace's name"}
_SUBJECT_MAX = 78


def compose(
    situation: Situation, action: Action, step: Step | None = None, playbook: Playbook | None = None
) -> Draft | str:
    """The message of an action, or, as a sentence, what it needs and nobody knows.

    `playbook` says whose rules on rewards are to be minded (segment and vertical); without one the company's facts do.
    A tone or length the step does not know falls back to the step's first.
    """
    known = texts()
    words = known.moment.get(situation.moment.kind)
    if words is None:
        return f"There are no words for {situation.moment.kind.replace('_', ' ')}."
    tone, length = _tone(action, step, known), _length(action, step)
    values = {
        "first_name": first_name(situation.person.name if situation.person else ""),
        "workspace": plain(situation.workspace),
    }
    said = phrases(situation.details, situation.moment.kind, length)
    try:
        subject = filled(words.subject[tone], values)
        slots = _slots(situation, action, tone, length, values, known)
    except KeyError as absent:
        name = str(absent.args[0])
        return f"The message needs {KNOWN_AS.get(name, name.replace('_', ' '))}, which is not known."
    # What we share stands with the thanks, how they know the product with the question.
    shared, use = ([p.text for p in said if p.fact.startswith(USE) is about] for about in (False, True))
    slots |= {"phrase": Part("phrase", " ".join(shared)), "view": Part("view", " ".join(use))}
    slots |= legal(situation, action, playbook)
    paragraphs = arranged(slots, action.channel, length)
    names = tuple(sorted(values.items()))
    return Draft(one_line(subject), body_of(paragraphs), said, paragraphs, words.subject[tone], names)


def offer_words(action: Action, tone: str = "warm") -> str:
    """What the person gets, in one sentence."""
    slot = action.incentive
    if slot == "commission" and action.cap_minor is None:
        slot = "commission_without_cap"
    values = {
        "amount": money_text(action.amount_minor, action.currency) if action.amount_minor else "",
        "rate": f"{action.rate_bp / 100:g}%" if action.rate_bp else "",
        "cap": money_text(action.cap_minor, action.currency) if action.cap_minor is not None else "",
    }
    return filled(texts().offer[slot]["formal" if tone == "formal" else "plain"], values)


def _slots(
    situation: Situation, action: Action, tone: str, length: str, values: dict[str, str], known: Texts
) -> dict[str, Part]:
    kind = situation.moment.kind
    written: dict[Slot, str] = {
        "greeting": known.greeting[tone],
        "opening": known.moment[kind].opening[tone][length],
        "ask": known.ask_at.get(kind, known.ask)[tone][length],
        "out": known.out[tone],
        "close": known.close[tone],
    }
    slots: dict[str, Part] = {
        slot: Part(slot, filled(raw, values), raw if slot in FREE else "") for slot, raw in written.items()
    }
    return slots | {"link": Part("link", LINK), "offer": Part("offer", offer_words(action, tone))}


def legal(situation: Situation, action: Action, playbook: Playbook | None) -> dict[str, Part]:
    """What has to be said about the reward: a word on the employer's rules, and the sentence of the law."""
    facts = situation.firm.facts if situation.firm else {}
    segment = playbook.segment if playbook else segment_of(facts)
    vertical = playbook.vertical if playbook else vertical_of(facts)
    return {
        "policy": Part("policy", policy_note(action.incentive, segment, vertical)),
        "disclosure": Part("disclosure", disclosure(action.incentive)),
    }


def arranged(slots: dict[str, Part], channel: str, length: str) -> tuple[tuple[Part, ...], ...]:
    """The parts in the order a channel and a length give them; what is empty is left out."""
    if channel == "inapp":
        order: tuple[tuple[str, ...], ...] = (
            ("opening", "phrase"),
            ("view", "ask"),
            ("link",),
            ("offer", "policy", "disclosure"),
        )
    elif length == "short":
        order = (
            ("greeting",),
            ("opening", "phrase"),
            ("view", "ask"),
            ("link",),
            ("offer", "policy", "disclosure"),
            ("close",),
        )
    else:
        order = (
            ("greeting",), ("opening", "phrase"), ("view", "ask"), ("link",), ("offer", "policy"), ("disclosure", "out"), ("close",),
        )  # fmt: skip
    lines = (tuple(slots[slot] for slot in line if slots[slot].text) for line in order)
    return tuple(line for line in lines if line)


def _tone(action: Action, step: Step | None, known: Texts) -> str:
    if action.tone in known.greeting:
        return action.tone
    return step.tones[0] if step else "warm"


def _length(action: Action, step: Step | None) -> str:
    if action.length in LENGTHS:
        return action.length
    return step.lengths[0] if step else "short"


def one_line(text: str) -> str:
    """A subject: one line of at most 78 characters, cut between words."""
    line = " ".join(text.split())
    return line if len(line) <= _SUBJECT_MAX else line[: _SUBJECT_MAX - 1].rsplit(" ", 1)[0] + "…"
