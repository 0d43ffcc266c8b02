"""The product in miniature, as the opening week meets it: an API of a few lists, landing pages, doors."""

import re
from typing import Any
from urllib.parse import parse_qs

import msgspec

from tests.unit.demo.fakes import Answer, Asked


def _json(content: object, status: int = 200) -> Answer:
    return (status, {"content-type": "application/json"}, msgspec.json.encode(content))


class Product:
    """Keeps what was asked of it; `rewards_wanted` are held after the deals were sent."""

    def __init__(self, emails: list[str], rewards_wanted: int = 5) -> None:
        self.asks: dict[str, dict[str, Any]] = {
            f"a{n}": {
                "id": f"a{n}", "persona": {"id": str(n), "name": f"Person {n}", "email": email},
                "company": {"id": f"c{n // 2}", "name": "Firm"}, "state": "suggested",
            }
            for n, email in enumerate(emails)
        }  # fmt: skip
        self.rewards: dict[str, dict[str, Any]] = {}
        self.rewards_wanted = rewards_wanted
        self.payouts: dict[str, dict[str, Any]] = {}
        self.sign_ups: list[tuple[str, str]] = []
        self.deal_ids: list[str] = []
        self.writes: list[tuple[str, str]] = []
        self.unread: list[str] = []
        self.clicks = 0

    def __call__(self, asked: Asked) -> Answer:
        path = asked.path.split("?")[0]
        if asked.method == "POST":
            self.writes.append((path, asked.headers.get("authorization", "")))
        for pattern, answer in self._routes():
            if found := re.fullmatch(pattern, f"{asked.method} {path}"):
                answered: Answer = answer(asked, *found.groups())
                return answered
        self.unread.append(asked.path)
        return _json({"title": f"Nothing at {asked.path}."}, 404)

    def _routes(self) -> list[tuple[str, Any]]:
        return [
            (r"GET /api/overview", lambda _: _json({"queue": len(self.asks)})),
            (r"GET /api/sources", lambda _: _json({"rows": [{"lag": 3}]})),
            (r"GET /api/ask-now", self._queue),
            (r"POST /api/asks/(\w+)/approve", self._approve),
            (r"GET /api/outbox", lambda _: _json({"rows": self._letters(), "next": None})),
            (r"GET /api/outbox/(\w+)", lambda _, i: _json({"text": f"Your link: http://hg.test/r/code-{i}\n"})),
            (r"GET /r/([\w-]+)", self._redirect),
            (r"GET /l/([\w-]+)", self._landing),
            (r"POST /l/([\w-]+)", self._sign_up),
            (r"POST /hooks/k", self._noticed),
            (r"GET /api/rewards", self._rewards),
            (r"POST /api/rewards/(\w+)/approve", self._approve_reward),
            (r"POST /api/payouts", self._payout),
            (r"GET /api/payouts/(\w+)", lambda _, i: _json(self.payouts[i])),
            (r"POST /api/payouts/(\w+)/approve", lambda a, i: self._move(a, i, "requested", "approved")),
            (r"GET /api/payouts/(\w+)/export.csv", lambda a, i: (200, {}, b"name,amount\n")),
            (r"POST /api/payouts/(\w+)/paid", lambda a, i: self._move(a, i, "approved", "paid")),
        ]

    def _queue(self, asked: Asked) -> Answer:
        waiting = [a for a in self.asks.values() if a["state"] == "suggested"]
        start = int(parse_qs(asked.path.partition("?")[2]).get("after", ["0"])[0])
        more = str(start + 10) if start + 10 < len(waiting) else None
        return _json({"rows": waiting[start : start + 10], "next": more})

    def _approve(self, _: Asked, ident: str) -> Answer:
        blocked = ident == "a0"
        self.asks[ident]["state"] = "blocked" if blocked else "sent"
        return _json({"ask": {"id": ident}, "message": {"state": "blocked" if blocked else "queued"}})

    def _letters(self) -> list[dict[str, Any]]:
        return [
            {"id": f"m{i}", "ask_id": i, "persona": a["persona"]} for i, a in self.asks.items() if a["state"] == "sent"
        ]

    def _redirect(self, _: Asked, code: str) -> Answer:
        self.clicks += 1
        return (302, {"location": f"http://hg.test/l/{code}?v=visitor-1"}, b"")

    def _landing(self, _: Asked, code: str) -> Answer:
        page = (
            f'<form action="/l/{code}"><input type="hidden" name="v" value="visitor-1"><input name="website">'
            '<input name="email" type="email" required><input name="name" value=""><button>Go</button></form>'
        )
        return (200, {"content-type": "text/html"}, page.encode())

    def _sign_up(self, asked: Asked, _: str) -> Answer:
        form = {k: v[0] for k, v in parse_qs(asked.body.decode(), keep_blank_values=True).items()}
        assert form["v"] == "visitor-1"
        assert form["website"] == ""
        self.sign_ups.append((form["name"], form["email"]))
        return (200, {}, b"thanks")

    def _noticed(self, asked: Asked) -> Answer:
        assert asked.headers["x-hubspot-signature-v3"]
        self.deal_ids += [
            str(n["objectId"]) for n in msgspec.json.decode(asked.body) if n["subscriptionType"] == "deal.creation"
        ]
        return _json({"success": True})

    def _rewards(self, asked: Asked) -> Answer:
        if self.deal_ids and not self.rewards:
            self.rewards = {
                f"r{n}": {
                    "id": f"r{n}", "incentive": "gift_card" if n else "beta_access", "amount_minor": 10_000 if n else 0,
                    "currency": "EUR", "state": "held", "created_at": f"2026-01-0{n + 1}",
                }
                for n in range(self.rewards_wanted)
            }  # fmt: skip
        state = parse_qs(asked.path.partition("?")[2])["state"][0]
        return _json({"rows": [r for r in self.rewards.values() if r["state"] == state]})

    def _approve_reward(self, asked: Asked, ident: str) -> Answer:
        assert msgspec.json.decode(asked.body)["reason"]
        self.rewards[ident]["state"] = "payable"
        return _json(self.rewards[ident])

    def _payout(self, asked: Asked) -> Answer:
        chosen = msgspec.json.decode(asked.body)["reward_ids"]
        assert all(self.rewards[i]["state"] == "payable" for i in chosen)
        self.payouts["p1"] = {"id": "p1", "state": "requested", "by": asked.headers["authorization"]}
        return _json(self.payouts["p1"], 201)

    def _move(self, asked: Asked, ident: str, before: str, after: str) -> Answer:
        found = self.payouts[ident]
        if found["state"] != before or found["by"] == asked.headers["authorization"]:
            return _json({"title": "Another person approves it."}, 409)
        found["state"] = after
        return _json(found)
