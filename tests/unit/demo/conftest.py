"""One story told once for all tests of this folder."""

from datetime import UTC, datetime

import pytest

from honeyguide.demo import DemoEvent, generate
from honeyguide.demo.cast import Cast, draw_cast
from honeyguide.demo.commerce import everything

END = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)
SEED = 2026


@pytest.fixture(scope="session")
def year() -> list[DemoEvent]:
    """The whole year at full scale."""
    return list(generate(SEED, END))


@pytest.fixture(scope="session")
def cast() -> Cast:
    """The people of that year, settled as the story settles them."""
    drawn = draw_cast(SEED, END)
    list(everything(drawn))
    return drawn
