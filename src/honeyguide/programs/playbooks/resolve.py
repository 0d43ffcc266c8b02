"""From the layers of a cell to its playbook, remembering where each part came from."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import msgspec
from msgspec import Struct, structs

from honeyguide.core.errors import BadInput
from honeyguide.programs.journey import Segment, Stage, Vertical
from honeyguide.programs.playbooks.layers import Laid, Limits, layers
from honeyguide.programs.playbooks.step import Cadence, OfferChoice, Origin, Playbook, Step, slug_of


class _Making(Struct):
    """A step while it is put together."""

    fields: dict[str, Any]
    origins: list[Origin]


@cache
def resolve(stage: Stage, segment: Segment, vertical: Vertical) -> Playbook:
    """The library's playbook of a cell. `provenance` says, per step, which file set which fields and why."""
    return assemble(stage, segment, vertical, layers(stage, segment, vertical))


def assemble(stage: Stage, segment: Segment, vertical: Vertical, laid: tuple[Laid, ...]) -> Playbook:
    """A playbook from its layers, the most general first. Raises BadInput when a layer cannot be applied."""
    making: dict[str, _Making] = {}
    goal = ""
    for one in laid:
        _drop(making, one)
        _change(making, one)
        _add(making, one)
        goal = one.content.goal or goal
    steps = [_step(slug, made) for slug, made in making.items()]
    for one in laid:
        if one.content.limits is not None:
            steps = [_limited(s, one.content.limits, one.where, making[s.slug].origins) for s in steps]
    return Playbook(
        slug_of(stage, segment, vertical), stage, segment, vertical, goal, 0, steps,
        {slug: made.origins for slug, made in making.items()},
    )  # fmt: skip


def _add(making: dict[str, _Making], laid: Laid) -> None:
    for raw in laid.content.steps:
        slug = str(raw.get("slug", ""))
        if slug in making:
            raise BadInput(f"{laid.where} adds the step {slug!r}, which is there already.", advice="Use `change`.")
        fields = {**laid.content.defaults, **raw, "layer": laid.layer}
        making[slug] = _Making(fields, [Origin(laid.where, tuple(sorted(fields.keys() - {"layer", "slug"})))])


def _change(making: dict[str, _Making], laid: Laid) -> None:
    for change in laid.content.change:
        for slug in list(making) if change.step == "*" else [change.step]:
            made = _known(making, slug, laid)
            if forbidden := change.set.keys() & {"slug", "layer"}:
                raise BadInput(f"{laid.where} may not change the {' and '.join(forbidden)} of {slug!r}.")
            made.fields = {**made.fields, **change.set}
            made.origins.append(Origin(laid.where, tuple(sorted(change.set)), change.because))


def _drop(making: dict[str, _Making], laid: Laid) -> None:
    for drop in laid.content.drop:
        _known(making, drop.step, laid)
        del making[drop.step]


def _known(making: Mapping[str, _Making], slug: str, laid: Laid) -> _Making:
    if slug not in making:
        raise BadInput(f"{laid.where} speaks of the step {slug!r}, which it does not inherit.")
    return making[slug]


def _step(slug: str, made: _Making) -> Step:
    try:
        return msgspec.convert(made.fields, Step)
    except msgspec.ValidationError as e:
        where = made.origins[-1].where
        raise BadInput(f"The step {slug!r} of {where} is not of the documented form.", f"{e}.") from e


def _limited(step: Step, limits: Limits, where: str, origins: list[Origin]) -> Step:
    """The step within the limits of a vertical; what changed is written down."""
    allowed = [
        OfferChoice(o.incentive, kept)
        for o in step.offers
        if o.incentive not in limits.no_incentives
        and (kept := [s for s in o.sizes if not limits.sizes or s in limits.sizes] or limits.sizes)
    ]
    tones = [t for t in step.tones if t not in limits.no_tones]
    if limits.first_tone is not None:
        tones = [limits.first_tone, *(t for t in tones if t != limits.first_tone)]
    channels = [c for c in step.channels if not limits.channels or c in limits.channels] or limits.channels
    gap = max(step.cadence.gap_days, limits.gap_days)
    made = structs.replace(
        step, offers=allowed or limits.instead, tones=tones or step.tones, channels=channels,
        cadence=Cadence(gap, step.cadence.per_year),
    )  # fmt: skip
    if made.follow_up is not None and made.follow_up.channel not in made.channels:
        made = structs.replace(made, follow_up=structs.replace(made.follow_up, channel=made.channels[0]))
    if made.follow_up is not None and made.follow_up.tone not in made.tones:
        made = structs.replace(made, follow_up=structs.replace(made.follow_up, tone=made.tones[0]))
    fields = tuple(
        n for n in ("cadence", "channels", "follow_up", "offers", "tones") if getattr(made, n) != getattr(step, n)
    )
    if fields:
        origins.append(Origin(where, fields, limits.because))
    return made
