"""Households, Jr and Sr, nicknames, role inboxes, switchboards, shared devices: each must join its own and nobody else's.

The shipped weights, no training, the whole pipeline from records to clusters; a bystander crowd keeps values as rare or common
as they are in life.
"""

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from honeyguide.identity.background import exchange, passing
from honeyguide.identity.background.thresholds import ACCEPT

_FIELDS = ("source", "own", "name", "email", "phone", "title", "company", "domain", "country", "city")


def row(name: str = "", email: str = "", phone: str = "", source: str = "", **more: str) -> dict[str, str]:
    return {"name": name, "email": email, "phone": phone, "source": source, "own": "t" if source else "f", **more}


def crowd() -> list[dict[str, str]]:
    """Two hundred people of forty firms, so that a company or a city is not the whole world."""
    given, family = (
        ("Ana", "Luca", "Marie", "Jonas", "Eva", "Piotr", "Sofia", "Karl"),
        ("Lopez", "Rossi", "Weber", "Novak", "Dubois"),
    )
    rows = []
    for i in range(200):
        g, f, firm = given[i % 8], f"{family[i % 5]}{chr(97 + i % 23)}{chr(97 + i % 19)}", i % 40
        rows.append(
            row(f"{g} {f}", f"{g}.{f}@firm{firm}.example".lower(), f"+4930{7_000_000 + i * 37}", "crm", company=f"Firm{firm} Ltd", country="de", city="Berlin")
        )  # fmt: skip
    return rows


def personas(people: list[dict[str, str]], folder: Path, entities: list[int] | None = None) -> list[int]:
    """The cluster of each of the given records after a pass over them and the crowd."""
    rows = people + crowd()
    with (folder / "records.csv").open("w", newline="") as file:
        out = csv.writer(file)
        for i, r in enumerate(rows):
            entity = entities[i] if entities and i < len(entities) else i
            out.writerow([i, entity, *(r.get(f, "") for f in _FIELDS)])
    exchange.write(folder, "job.json", exchange.Job("persona", ACCEPT["persona"], memory_mb=500, keep=True))
    passing.run(folder)
    ids, cluster = np.load(folder / "clusters.npy")
    found: dict[int, int] = dict(zip(ids.tolist(), cluster.tolist(), strict=True))
    return [found[i] for i in range(len(people))]


AT_ORBEX: dict[str, Any] = {"company": "Orbex Systems GmbH", "country": "de", "city": "Hamburg"}
SWITCHBOARD = "+494055500000"

CASES: dict[str, tuple[list[dict[str, str]], list[list[int]]]] = {
    "a nickname, its full form, another language's": (
        [
            row("William Ferrant", "william.ferrant@orbex.example", "+494055511111", "crm", **AT_ORBEX),
            row("Bill Ferrant", "", "+494055511111", "desk", **AT_ORBEX),
            row("Guillaume Ferrant", "wferrant@orbex.example", "+494055511111", "product", **AT_ORBEX),
            row("Wilma Ferrant", "wilma.ferrant@orbex.example", "+494055522222", "billing", **AT_ORBEX),
        ],
        [[0, 1, 2], [3]],
    ),
    "a household: one phone, one name, one roof": (
        [
            row("Petra Molander", "petra@molander-bau.example", "+494055533333", "crm", company="Molander Bau", country="de", city="Kiel"),
            row("Petra Molander", "petra.molander@gmail.com", "+494055533333", "events", company="Molander Bau", country="de", city="Kiel"),
            row("Jens Molander", "jens@molander-bau.example", "+494055533333", "crm", company="Molander Bau", country="de", city="Kiel"),
            row("Jens Molander", "", "+494055533333", "desk", company="Molander Bau", country="de", city="Kiel"),
        ],
        [[0, 1], [2, 3]],
    ),
    "father and son of one name at one firm": (
        [
            row("Harald Trebnitz Sr", "harald.trebnitz@orbex.example", "+494055544444", "crm", **AT_ORBEX),
            row("Harald Trebnitz Sr.", "", "+494055544444", "desk", **AT_ORBEX),
            row("Harald Trebnitz Jr", "h.trebnitz@orbex.example", "+494055555555", "billing", **AT_ORBEX),
            row("Harald Trebnitz, jr.", "", "+494055555555", "product", **AT_ORBEX),
        ],
        [[0, 1], [2, 3]],
    ),
    "one is marked Jr, the other not: ask, do not join": (
        [
            row("Harald Trebnitz", "harald.trebnitz@orbex.example", "", "crm", **AT_ORBEX),
            row("Harald Trebnitz Jr", "h.trebnitz@orbex.example", "", "desk", **AT_ORBEX),
        ],
        [[0], [1]],
    ),
    "a role inbox joins nobody, and keeps nobody apart": (
        [
            row("Dana Quistorp", "info@orbex.example", "", "desk", **AT_ORBEX),
            row("Erik Vollrath", "info@orbex.example", "", "billing", **AT_ORBEX),
            row("Dana Quistorp", "dana.quistorp@orbex.example", "", "crm", **AT_ORBEX),
        ],
        [[0, 2], [1]],
    ),
    "a team's mailbox no list knows": (
        [row(f"{g} {s}", "werkstatt-nord@orbex.example", "", f, **AT_ORBEX) for g, s, f in (("Olaf", "Quant", "crm"), ("Rita", "Zabel", "desk"), ("Nils", "Ehrhof", "billing"), ("Ines", "Padberg", "product"))]
        + [row("Olaf Quant", "olaf.quant@orbex.example", "", "billing", **AT_ORBEX)],
        [[0, 4], [1], [2], [3]],
    ),
    "a switchboard: everybody's number is nobody's": (
        [row(f"{g} {s}", f"{g}.{s}@orbex.example".lower(), SWITCHBOARD, "crm", **AT_ORBEX) for g, s in (("Olaf", "Quant"), ("Rita", "Zabel"), ("Nils", "Ehrhof"), ("Ines", "Padberg"), ("Timo", "Quant"), ("Olga", "Zobel"))]
        + [row("Rita Zabel", "", SWITCHBOARD, "desk", **AT_ORBEX)],
        [[0], [1, 6], [2], [3], [4], [5]],
    ),
    "first and last name the wrong way round": (
        [
            row("Viveka Sandmoe", "viveka.sandmoe@orbex.example", "", "crm", **AT_ORBEX),
            row("Sandmoe Viveka", "viveka.sandmoe@gmail.com", "", "events", title="CFO", **AT_ORBEX),
            row("Sandmoe, Viveka", "", "", "desk", **AT_ORBEX),
        ],
        [[0, 1, 2]],
    ),
    "the same common name at two firms": (
        [
            row("Thomas Müller", "thomas.mueller@orbex.example", "", "crm", **AT_ORBEX),
            row("Thomas Mueller", "thomas.mueller@fastlane.example", "", "desk", company="Fastlane Inc", country="us", city="Austin"),
        ],
        [[0], [1]],
    ),
    "an assistant's address stands under her boss": (
        [
            row("Beate Lindqvist", "beate.lindqvist@orbex.example", "+494055566666", "crm", title="Assistant", **AT_ORBEX),
            row("Conrad Averdieck", "beate.lindqvist@orbex.example", "+494055577777", "desk", title="CEO", **AT_ORBEX),
            row("Conrad Averdieck", "conrad.averdieck@orbex.example", "+494055577777", "billing", title="CEO", **AT_ORBEX),
        ],
        [[0], [1, 2]],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_joins_its_own_and_nobody_elses(case: str, tmp_path: Path) -> None:
    people, wanted = CASES[case]
    found = personas(people, tmp_path)
    together = [sorted(i for i, c in enumerate(found) if c == one) for one in dict.fromkeys(found)]
    assert sorted(together) == sorted(wanted)


def test_a_shared_device_that_joined_two_online_does_not_bridge_their_others(tmp_path: Path) -> None:
    """A kiosk put records of two people in one entity; the pass brings it only those of the one it mostly is."""
    people = [
        row("Anja Brockhoff", "anja.brockhoff@orbex.example", "+494055588888", "crm", **AT_ORBEX),
        row("Anja Brockhoff", "", "+494055588888", "product", **AT_ORBEX),
        row("Milan Dvorsky", "", "+494055599999", "product", **AT_ORBEX),
        row("Anja Brockhoff", "a.brockhoff@orbex.example", "+494055588888", "billing", **AT_ORBEX),
        row("Milan Dvorsky", "milan.dvorsky@orbex.example", "+494055599999", "desk", **AT_ORBEX),
    ]
    found = personas(people, tmp_path, [0, 0, 0, 3, 4])  # the first three are one entity by a device
    assert found[3] == found[0]
    assert found[4] != found[0]
