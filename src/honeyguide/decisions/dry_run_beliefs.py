"""What a dry run expects, and what the steps' own expectations come to: two beliefs that are told side by side."""

from collections.abc import Sequence

from msgspec import Struct

from honeyguide.programs.playbooks import Lift


class Range(Struct, frozen=True):
    """An expectation with its central 90 % interval."""

    mean: float
    low: float
    high: float


def believed_of(lifts: Sequence[Lift]) -> Range:
    """What the expectations of so many asks' steps come to. All may be wrong in one direction, so the bounds add up."""
    return Range(
        round(sum(x.mean for x in lifts), 2), round(sum(x.low for x in lifts), 2), round(sum(x.high for x in lifts), 2)
    )


def two_beliefs(believed: Range) -> str:
    """How the forecast and the steps' own expectations stand to each other."""
    return (
        "The forecast weighs person, moment, offer and channel and does not look at what a step promises. By their own "
        f"promises the steps would come to {believed.low:.1f} to {believed.high:.1f} shares because of the asks. Both are beliefs."
    )
