"""The opening week, against the product in miniature: it goes all the way, once, and an interruption does no harm."""

from collections import Counter
from pathlib import Path

import pytest

from honeyguide.core.errors import BadInput
from honeyguide.core.normalise import email_domain
from honeyguide.demo import Credentials, Office, Story, change_state, play_opening, read_state
from honeyguide.demo.cast import draw_cast
from honeyguide.demo.friends import FATES, disguised, draw_friends
from honeyguide.demo.opening import ASKS
from honeyguide.demo.sales import deal_events
from tests.unit.demo.conftest import END, SEED
from tests.unit.demo.fakes import Asked, FakeServer
from tests.unit.demo.product import Product

STORY = Story(SEED, END, 0.1)
KEYS = Credentials(
    {"hubspot": "k"},
    {"hubspot": "whsec"},
    {"marketing": "hgk_marketing", "finance": "hgk_first", "finance-2": "hgk_second"},
)


@pytest.fixture
def product() -> Product:
    return Product([p.email for p in draw_cast(SEED, END, 0.1).people[:60]])


async def test_the_week_goes_from_the_ask_to_the_payout(product: Product, tmp_path: Path) -> None:
    said: list[str] = []
    async with FakeServer(product) as server:
        opened = await play_opening(server.url, KEYS, tmp_path, STORY, Office("t"), say=said.append, patience_s=5)
    assert opened.asks_approved == ASKS
    assert product.unread == []
    assert len(product.sign_ups) == len(FATES) == opened.friends_signed_up
    assert product.clicks > len(FATES)  # mail gateways look first
    assert opened.deals_won == FATES.count("won")
    assert opened.rewards_approved == 3
    assert opened.paid
    assert product.payouts["p1"]["state"] == "paid"
    companies = Counter(a["company"]["id"] for a in product.asks.values() if a["state"] == "sent")
    assert max(companies.values()) == 1
    assert read_state(tmp_path).opening_done
    who = {path: key for path, key in product.writes if path.startswith("/api/payouts/p1")}
    assert set(who.values()) == {"Bearer hgk_second"}
    assert said


async def test_a_second_run_changes_nothing(product: Product, tmp_path: Path) -> None:
    async with FakeServer(product) as server:
        first = await play_opening(server.url, KEYS, tmp_path, STORY, Office("t"), patience_s=5)
        writes = len(product.writes)
        second = await play_opening(server.url, KEYS, tmp_path, STORY, Office("t"), patience_s=5)
    assert len(product.writes) == writes
    assert second == first


async def test_an_interrupted_week_goes_on_where_it_stopped(product: Product, tmp_path: Path) -> None:
    def no_rewards_yet(asked: Asked) -> tuple[int, dict[str, str], bytes]:
        return (200, {}, b'{"rows": []}') if asked.path.startswith("/api/rewards") else product(asked)

    async with FakeServer(no_rewards_yet) as server:
        opened = await play_opening(server.url, KEYS, tmp_path, STORY, Office("t"), patience_s=0.2)
    assert not opened.paid
    assert not read_state(tmp_path).opening_done
    approvals = [w for w in product.writes if "/asks/" in w[0]]
    async with FakeServer(product) as server:
        assert (await play_opening(server.url, KEYS, tmp_path, STORY, Office("t"), patience_s=5)).paid
    assert [w for w in product.writes if "/asks/" in w[0]] == approvals
    assert len(product.sign_ups) == len(FATES)
    assert len(product.deal_ids) == len(set(product.deal_ids))


async def test_a_key_that_may_not_is_said_in_the_servers_words(tmp_path: Path) -> None:
    change_state(tmp_path, pace=10)
    refusal = (403, {"content-type": "application/problem+json"}, b'{"title": "This key may not read the queue."}')
    async with FakeServer(lambda _: refusal) as server:
        with pytest.raises(BadInput, match="refused") as e:
            await play_opening(server.url, KEYS, tmp_path, STORY, Office("t"), patience_s=1)
    assert "may not read the queue" in e.value.sentence()
    assert read_state(tmp_path).pace == 10


def test_friends_are_new_companies_except_for_the_two_dishonest_ones() -> None:
    taken = {c.domain for c in draw_cast(SEED, END, 0.1).companies}
    known = set(taken)
    friends = draw_friends(SEED, taken)
    assert [f.fate for f in friends] == list(FATES)
    assert len({f.email for f in friends}) == len(friends)
    assert not {f.domain for f in friends} & known
    assert draw_friends(SEED, set(known)) == friends
    for friend in friends:
        seen = disguised(friend, "Ana Ruiz", "ana@firm.example")
        own = friend.fate in ("self", "colleague")
        assert (email_domain(seen.email) == "firm.example") is own
        assert (seen == friend) is not own


def test_a_deal_is_told_in_order_with_the_same_ids_every_time() -> None:
    for friend in draw_friends(SEED, set()):
        if friend.fate in ("won", "lost", "qualified"):
            events = deal_events(SEED, friend)
            assert [e.at for e in events] == sorted(e.at for e in events)
            assert [e.message_id for e in events] == [e.message_id for e in deal_events(SEED, friend)]
            names = [e.payload.get("event") for e in events]
            assert ("Deal Won" in names) is (friend.fate == "won")
            assert ("Deal Lost" in names) is (friend.fate == "lost")
