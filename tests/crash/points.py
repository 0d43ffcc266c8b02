"""Crash at every step: a process dies before statement k, after the commit, or after the answer.

Random kills find little: a fault that acknowledges before it commits was never found in sixty of them, and always by
enumeration. So every statement boundary of an operation is a crash point. A forked child runs the operation on the
real server and leaves with `os._exit` at its point; then, unless it had already answered, the same operation is tried
again, as a caller would. The books must be sound after the crash, and equal to the uncrashed run after the retry.

Run as a module it is the zygote: it has everything imported and forks one child per request line.
"""

import asyncio
import json
import os
import re
import select
import signal
import subprocess
import sys
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from msgspec import Struct

_ROOT = Path(__file__).resolve().parent.parent.parent
_CRASHED, _FAILED = 86, 87
_STATEMENTS = ("execute", "fetch", "fetchrow", "fetchval", "executemany", "copy_records_to_table")
_READS = re.compile(r"\s*(select|begin)\b(?!.*\b(nextval|set_config)\b)", re.IGNORECASE | re.DOTALL)
AFTER_COMMIT, AFTER_ANSWER = -1, -2


class Ended(Struct, frozen=True):
    """How a child ended: did it answer, how many statements did it run, and what went wrong.

    `changes`: the statements before which something had happened since the one before: a write, a commit, a call.
    """

    crashed: bool
    answered: bool
    statements: int
    failure: str
    changes: list[int] = []


class Zygote:
    """A process that forks children; a context manager."""

    def __enter__(self) -> "Zygote":
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "tests.crash.points"],
            cwd=_ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": f"{_ROOT / 'src'}{os.pathsep}{_ROOT}"},
        )
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.stdin:
            self._process.stdin.close()
        self._process.wait(10)
        if self._process.stdout:
            self._process.stdout.close()

    def run(self, dsn: str, workspace: int, scenario: str, seeded: str = "", point: int | None = None) -> Ended:
        """Run a scenario's operation in a child of its own, dying at `point`."""
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("the zygote has no pipes")
        wanted = {"dsn": dsn, "workspace": workspace, "scenario": scenario, "seeded": seeded, "point": point}
        self._process.stdin.write(json.dumps(wanted) + "\n")
        self._process.stdin.flush()
        if not select.select([self._process.stdout], [], [], 60)[0]:
            raise TimeoutError(f"no answer for {wanted}")
        return Ended(**json.loads(self._process.stdout.readline()))


class Gate:
    """Counts the statements asyncpg sends, BEGIN and COMMIT included, and ends the process before number `point`."""

    def __init__(self, point: int | None) -> None:
        self.point, self.count, self.armed = point, 0, False
        self.changes: list[int] = [0]
        self._changed = False

    def install(self) -> None:
        """Wrap the connection's methods, which pools call through the class, and calls of a provider."""
        from asyncpg import connection  # noqa: PLC0415  # only in the child

        from honeyguide.rails import Caller  # noqa: PLC0415

        for name in _STATEMENTS:
            setattr(connection.Connection, name, self._counted(getattr(connection.Connection, name)))
        call = Caller.call

        async def called(*args: Any, **named: Any) -> Any:
            self._changed = True
            return await call(*args, **named)

        Caller.call = called  # type: ignore[method-assign]

    def _counted(self, method: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def call(*args: Any, **named: Any) -> Any:
            if self.armed:
                self.step(str(args[1]) if len(args) > 1 else "")
            return await method(*args, **named)

        return call

    def step(self, sql: str = "") -> None:
        """One boundary: leave here if it is ours."""
        if self.count == self.point:
            os._exit(_CRASHED)
        if self._changed:
            self.changes.append(self.count)
        self._changed = not _READS.match(sql)
        self.count += 1


class Run:
    """What a scenario's operation gets: the database, its workspace, and a way to answer the caller."""

    def __init__(self, db: Any, workspace: int, gate: Gate, answer: Callable[[], None]) -> None:
        self.db, self.workspace = db, workspace
        self._gate, self._answer, self.answered = gate, answer, False

    def answer(self) -> None:
        """Tell the caller that it is done; from now on nobody tries again."""
        if self._gate.point == AFTER_COMMIT and not self.answered:
            os._exit(_CRASHED)
        self.answered = True
        self._answer()
        if self._gate.point == AFTER_ANSWER:
            os._exit(_CRASHED)


def _known() -> tuple[dict[str, Any], dict[str, Any]]:
    """Every operation and every fault, imported once, before forking."""
    from honeyguide.rails import transport  # noqa: PLC0415
    from tests.crash import payment_faults, payments, scenarios, seeded  # noqa: PLC0415

    transport()  # reads the trusted certificates, which takes longer than all the rest
    return {**scenarios.OPERATIONS, **payments.OPERATIONS}, {**seeded.FAULTS, **payment_faults.FAULTS}


async def _operate(wanted: dict[str, Any], pipe: int) -> None:
    from honeyguide.db import Database  # noqa: PLC0415

    gate = Gate(wanted["point"])
    gate.install()
    db = await Database.open(wanted["dsn"], size=6, require_safe=False)
    operations, faults = _known()
    operation = operations[wanted["scenario"]]
    if wanted["seeded"]:
        operation = faults[wanted["seeded"]].plant(operation)

    def answer() -> None:
        os.write(pipe, b"A")

    run = Run(db, wanted["workspace"], gate, answer)
    gate.armed = True
    await operation(run)
    gate.armed = False
    if not run.answered:
        run.answer()
    os.write(pipe, f"N{json.dumps([gate.count, gate.changes])}".encode())


def _child(wanted: dict[str, Any], pipe: int) -> None:
    signal.alarm(30)
    code = 0
    try:
        asyncio.run(_operate(wanted, pipe))
    except BaseException:  # noqa: BLE001  # whatever it was is reported
        os.write(pipe, b"F" + traceback.format_exc()[-1500:].encode())
        code = _FAILED
    os._exit(code)


def _fork(wanted: dict[str, Any]) -> Ended:
    readable, writable = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(readable)
        _child(wanted, writable)
    os.close(writable)
    with os.fdopen(readable, "rb") as told:
        heard = told.read().decode()
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    answered, rest = heard.startswith("A"), heard.removeprefix("A")
    failure = rest[1:] if rest.startswith("F") else ("" if code in (0, _CRASHED) else f"exit {code}")
    count, changes = json.loads(rest[1:]) if rest.startswith("N") else (0, [])
    return Ended(code == _CRASHED, answered, count, failure, changes)


def main() -> None:
    """Serve requests until standard input ends."""
    if not all(_known()):
        raise RuntimeError("nothing to run")
    for line in sys.stdin:
        ended = _fork(json.loads(line))
        sys.stdout.write(json.dumps({f: getattr(ended, f) for f in ended.__struct_fields__}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
