"""What makes a playbook unusable, as sentences a person can act on."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import msgspec
from msgspec import structs

from honeyguide.core.errors import BadInput
from honeyguide.programs.playbooks.audience import NUMBERS
from honeyguide.programs.playbooks.step import Playbook, Step, StepCondition

# The contact budget of decisions: a step may be stricter, never looser.
LEAST_GAP_DAYS, MOST_PER_YEAR = 21, 8
_MOST_STEPS, _MOST_ACTIONS = 60, 200
_SLUG = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-")


def problems(playbook: Playbook) -> list[str]:
    """What is wrong with a playbook; empty when it can be used."""
    found = [] if playbook.goal.strip() else ["The playbook has no goal."]
    found += [] if playbook.steps else ["The playbook has no step."]
    found += [] if len(playbook.steps) <= _MOST_STEPS else [f"A playbook has at most {_MOST_STEPS} steps."]
    twice = [slug for slug, n in Counter(s.slug for s in playbook.steps).items() if n > 1]
    found += [f"The step {slug!r} is there twice." for slug in twice]
    return found + [f"Step {step.slug!r}: {p}" for step in playbook.steps for p in step_problems(step)]


def checked(playbook: Playbook) -> Playbook:
    """The playbook when it can be used. Raises BadInput with every problem as a sentence."""
    if found := problems(playbook):
        raise BadInput(f"The playbook {playbook.slug!r} cannot be used.", " ".join(found[:20]))
    return playbook


def edited(before: Playbook, goal: str | None, steps: Any) -> Playbook:
    """The playbook with another goal or other steps (plain data). Raises BadInput with every problem as a sentence.

    A step that was not there, or says something else than it did, is the workspace's own from now on.
    """
    try:
        wanted = before.steps if steps is None else msgspec.convert(steps, list[Step])
    except msgspec.ValidationError as e:
        raise BadInput("The steps are not of the documented form.", f"{e}.") from e
    known = {s.slug: s for s in before.steps}
    kept = [_own(s, known.get(s.slug)) for s in wanted]
    return checked(structs.replace(before, goal=before.goal if goal is None else goal.strip(), steps=kept))


def _own(step: Step, before: Step | None) -> Step:
    if before is None:
        return structs.replace(step, layer="workspace")
    same = structs.replace(step, layer=before.layer)
    return before if same == before else structs.replace(step, layer="workspace")


def step_problems(step: Step) -> list[str]:
    """What is wrong with one step."""
    found = [says for wrong, says in _RULES if wrong(step)]
    found += [p for c in (*step.audience.all, *step.audience.any) if (p := _condition(c))]
    found += [
        f"the stop rule {rule.when.replace('_', ' ')} needs a number of asks from 1 to 20."
        for rule in step.stop
        if rule.when == "asks_without_share" and not 1 <= rule.n <= 20
    ]
    return found


def _condition(condition: StepCondition) -> str:
    fact = condition.fact.replace("_", " ")
    numeric = isinstance(condition.value, int | float) and not isinstance(condition.value, bool)
    if condition.op in ("at_least", "at_most") and not (numeric and condition.fact in NUMBERS):
        return f"the condition on {fact} compares with {condition.value!r}, which is not a number it has."
    if condition.op == "one_of" and not (isinstance(condition.value, list) and condition.value):
        return f"the condition on {fact} is `one_of` and needs a list of values."
    if condition.op == "is" and isinstance(condition.value, list):
        return f"the condition on {fact} is `is` and needs one value; use `one_of` for a list."
    return ""


def _markup(text: str) -> bool:
    return any(c in "{}<>" or not c.isprintable() for c in text)


def _repeats(values: list[Any]) -> bool:
    return len(set(values)) != len(values)


def _actions(step: Step) -> int:
    return sum(len(o.sizes) for o in step.offers) * len(step.tones) * len(step.lengths) * len(step.channels)


_RULES: tuple[tuple[Callable[[Step], bool], str], ...] = (
    (lambda s: not s.slug or len(s.slug) > 60 or not set(s.slug) <= _SLUG,
     "its slug must be 1 to 60 small letters, digits and dashes."),
    (lambda s: not s.title.strip() or len(s.title) > 120 or _markup(s.title), "its title must be a line of 1 to 120 plain characters."),
    (lambda s: len(s.why) > 600 or _markup(s.why), "its reason must be plain text of at most 600 characters."),
    (lambda s: not s.moments, "it names no moment."),
    (lambda s: not s.offers, "it offers nothing."),
    (lambda s: any(not o.sizes for o in s.offers), "an offer names no size."),
    (lambda s: not s.tones, "it names no tone."),
    (lambda s: not s.lengths, "it names no length."),
    (lambda s: not s.channels, "it names no channel."),
    (lambda s: _repeats(list(s.moments)) or _repeats(list(s.tones)) or _repeats(list(s.lengths)) or _repeats(list(s.channels))
     or _repeats([o.incentive for o in s.offers]) or any(_repeats(list(o.sizes)) for o in s.offers), "it names something twice."),
    (lambda s: _actions(s) > _MOST_ACTIONS, f"it allows more than {_MOST_ACTIONS} combinations of offer, tone, length and channel."),
    (lambda s: s.cadence.gap_days < LEAST_GAP_DAYS,
     f"it asks again after fewer than {LEAST_GAP_DAYS} days, which the contact budget does not allow."),
    (lambda s: not 1 <= s.cadence.per_year <= MOST_PER_YEAR,
     f"it must ask between 1 and {MOST_PER_YEAR} times a year, as the contact budget allows."),
    (lambda s: s.follow_up is not None and not 3 <= s.follow_up.after_days <= 60, "its follow-up must come after 3 to 60 days."),
    (lambda s: s.follow_up is not None and not 1 <= s.follow_up.most <= 2, "it may follow up once or twice."),
    (lambda s: s.follow_up is not None and s.follow_up.channel not in s.channels, "its follow-up uses a channel the step does not use."),
    (lambda s: not 0 < s.lift.low <= s.lift.mean <= s.lift.high < 1,
     "its expected lift must be shares between 0 and 1 with low, mean and high in this order."),
    (lambda s: s.lift.low == s.lift.high, "its expected lift has no uncertainty; nobody knows it exactly."),
    (lambda s: not s.lift.source.strip() or len(s.lift.source) > 300 or _markup(s.lift.source), "its expected lift names no source."),
)  # fmt: skip
