"""The friends of the opening week: people at companies Tidewater does not know yet, and what becomes of each."""

from random import Random
from typing import Literal

from msgspec import Struct, structs

from honeyguide.demo import firms, names, titles
from honeyguide.demo.firms import fold

Fate = Literal["won", "qualified", "lost", "signed_up", "self", "colleague"]
# What happens to the first friend, the second ...; `self` is the advocate in disguise, `colleague` somebody from the
# advocate's own company. Both are attempts the product has to notice.
FATES: tuple[Fate, ...] = (
    "won", "qualified", "won", "won", "signed_up", "lost", "won", "self", "qualified", "won", "colleague", "signed_up",
    "qualified", "won",
)  # fmt: skip


class Friend(Struct, frozen=True):
    """Somebody who follows a link. Amounts in minor units; `deal` is the CRM's number of the deal that follows."""

    number: int
    fate: Fate
    name: str
    email: str
    title: str
    company: str
    domain: str
    industry: str
    country: str
    employees: int
    segment: str
    amount_minor: int
    currency: str
    deal: str

    @property
    def hubspot(self) -> str:
        """The contact id the CRM will give."""
        return str(8_600_200 + self.number * 41)

    @property
    def hubspot_company(self) -> str:
        """The company id the CRM will give."""
        return str(97_300 + self.number * 59)


def draw_friends(seed: int, taken: set[str]) -> list[Friend]:
    """One friend per fate; `taken` holds the domains that are customers already."""
    return [_friend(Random(f"{seed}:friend:{n}"), n, fate, taken) for n, fate in enumerate(FATES)]


def _friend(rng: Random, number: int, fate: Fate, taken: set[str]) -> Friend:
    country, industry = firms.draw_country(rng), firms.draw_industry(rng)
    segment = "enterprise" if rng.random() < 0.3 else "smb"
    name, _, domain = firms.draw_firm(rng, country, industry, partner=False, taken=taken)
    first, last = names.draw_name(rng, country)
    post = ("director", "Operations") if segment == "enterprise" else ("manager", "Operations")
    employees = rng.randint(300, 2_400) if segment == "enterprise" else rng.randint(14, 160)
    seats = max(4, employees // 5)
    return Friend(
        number, fate, f"{first} {last}", f"{fold(first)}.{fold(last).replace(' ', '')}@{domain}",
        titles.write_title(rng, post, "en"), name, domain, industry, country, employees, segment,
        seats * (5_900 if segment == "enterprise" else 3_900) * 12, firms.COUNTRIES[country][2], str(17_950_000_000 + number * 13),
    )  # fmt: skip


def disguised(friend: Friend, advocate_name: str, advocate_email: str) -> Friend:
    """The friend as what a dishonest attempt writes into the form."""
    local, _, domain = advocate_email.partition("@")
    if friend.fate == "self":
        return structs.replace(friend, name=advocate_name, email=f"{local}+friend@{domain}", domain=domain)
    if friend.fate == "colleague":
        own = friend.email.split("@", 1)[0]
        return structs.replace(friend, email=f"{own}@{domain}", domain=domain)
    return friend
