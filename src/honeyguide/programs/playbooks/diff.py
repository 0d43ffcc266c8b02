"""What differs between two versions of a playbook, in sentences."""

from honeyguide.programs.playbooks.sentences import told
from honeyguide.programs.playbooks.step import Playbook, Step


def diff(before: Playbook, after: Playbook) -> list[str]:
    """Each difference as one sentence, in the order of the later version; empty when both say the same."""
    found = [] if before.goal == after.goal else [f'The goal was "{before.goal}" and is now "{after.goal}"']
    was = {s.slug: s for s in before.steps}
    now = {s.slug: s for s in after.steps}
    for slug, step in now.items():
        if slug not in was:
            found.append(f'New step "{step.title}": {_first(step)}')
        else:
            found += _changes(was[slug], step)
    found += [f'The step "{step.title}" is gone.' for slug, step in was.items() if slug not in now]
    if [s for s in was if s in now] != [s for s in now if s in was]:
        found.append("The steps are in another order.")
    return found


def _first(step: Step) -> str:
    return told(step)[0].sentence


def _changes(was: Step, now: Step) -> list[str]:
    found = [] if was.title == now.title else [f'The step "{was.title}" is now called "{now.title}".']
    old = {s.fields: s.sentence for s in told(was)}
    new = {s.fields: s.sentence for s in told(now)}
    for fields in sorted(old.keys() | new.keys(), key=lambda f: _ORDER.index(f[0])):
        if all(getattr(was, f) == getattr(now, f) for f in fields):
            continue
        found.append(f'"{now.title}" said "{old.get(fields, "nothing")}" and now says "{new.get(fields, "nothing")}"')
    return found


_ORDER = ("moments", "offers", "tones", "cadence", "follow_up", "stop", "lift", "why")
