"""What can go wrong at a vendor, in words an operator can act on."""

from honeyguide.core.errors import HoneyguideError


class VendorProblem(HoneyguideError):
    """The other system did not give what was asked (502). Nothing was lost: the next sync asks again.

    `needs_auth`: nothing helps but new credentials. `wait_s`: the vendor said when to come back. `stale`: the place we
    wanted to go on from is no longer known there.
    """

    status, code = 502, "vendor"

    def __init__(
        self,
        title: str,
        detail: str = "",
        *,
        advice: str = "",
        code: str | None = None,
        status_code: int = 0,
        needs_auth: bool = False,
        wait_s: float = 0.0,
    ) -> None:
        super().__init__(title, detail, advice=advice, code=code)
        self.status_code, self.needs_auth, self.wait_s = status_code, needs_auth, wait_s

    @property
    def stale(self) -> bool:
        """Could an old position in a list be the reason?"""
        return self.status_code in (400, 404, 410, 422)
