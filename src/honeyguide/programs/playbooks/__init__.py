"""Playbooks: what to do at which moment, for whom, with what, how often, and what is expected of it.

Contract
- The library covers every cell of stage x segment x vertical by inheritance; `resolve` says what comes from where.
- `steps_for` never answers with nothing for a kind of moment we know: a general step is the last resort.
- Expectations carry their source and an interval. The shipped ones are beliefs of the authors and say so.
- A workspace's edits are versions that are never changed; `diff` tells two of them apart in sentences, `revert` goes
  back to an older one by writing it again as a new version.

Owns: playbook_version.
"""

from honeyguide.programs.playbooks.audience import audience_in_words, stopped, suits
from honeyguide.programs.playbooks.checking import checked, edited, problems
from honeyguide.programs.playbooks.diff import diff
from honeyguide.programs.playbooks.layers import Source, cells, sources
from honeyguide.programs.playbooks.matching import LIBRARY, Playbooks, offers_for, steps_for
from honeyguide.programs.playbooks.resolve import resolve
from honeyguide.programs.playbooks.sentences import (
    Said,
    lift_sentence,
    offers_in_words,
    playbook_sentences,
    sentences,
    source_text,
    told,
)
from honeyguide.programs.playbooks.step import (
    CHANNELS,
    KINDS,
    LENGTHS,
    STEP_FACTS,
    TONES,
    Audience,
    Cadence,
    Channel,
    FollowUp,
    Kind,
    Length,
    Lift,
    OfferChoice,
    Origin,
    Playbook,
    Step,
    StepCondition,
    Stop,
    Tone,
    slug_of,
)
from honeyguide.programs.playbooks.versions import (
    Told,
    at_version,
    current,
    history,
    in_force,
    revert,
    save,
    shipped,
    step_titles,
)

__all__ = [
    "CHANNELS",
    "KINDS",
    "LENGTHS",
    "LIBRARY",
    "STEP_FACTS",
    "TONES",
    "Audience",
    "Cadence",
    "Channel",
    "FollowUp",
    "Kind",
    "Length",
    "Lift",
    "OfferChoice",
    "Origin",
    "Playbook",
    "Playbooks",
    "Said",
    "Source",
    "Step",
    "StepCondition",
    "Stop",
    "Told",
    "Tone",
    "at_version",
    "audience_in_words",
    "cells",
    "checked",
    "current",
    "diff",
    "edited",
    "history",
    "in_force",
    "lift_sentence",
    "offers_for",
    "offers_in_words",
    "playbook_sentences",
    "problems",
    "resolve",
    "revert",
    "save",
    "sentences",
    "shipped",
    "slug_of",
    "source_text",
    "sources",
    "step_titles",
    "steps_for",
    "stopped",
    "suits",
    "told",
]
