"""CPU time of processes: the figure our claims rest on, because it does not change with who else uses the machine."""

import os
from pathlib import Path

_TICK_S = 1 / os.sysconf("SC_CLK_TCK")


def seconds(pid: int) -> float:
    """CPU time of a process (by the scheduler's clock, in nanoseconds) and of its children that have ended. 0 when gone."""
    try:
        running = sum(int((task / "schedstat").read_text().split()[0]) for task in Path(f"/proc/{pid}/task").iterdir())
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return running / 1e9 + _of_the_dead(fields)


def _of_the_dead(fields: list[str]) -> float:
    return sum(int(fields[n]) for n in (13, 14)) * _TICK_S


def seconds_in(folder: Path) -> float:
    """CPU time of every process that works in a folder (a PostgreSQL cluster and its backends)."""
    total = 0.0
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                inside = Path(f"/proc/{entry.name}/cwd").resolve() == folder.resolve()
            except OSError:
                continue
            total += seconds(int(entry.name)) if inside else 0.0
    return total


def upkeep_in(folder: Path) -> float:
    """The part of `seconds_in` that autovacuum took. It works when its time has come, whatever is measured just then.

    Backends that ended count as such, too: a benchmark keeps its connections open.
    """
    total = 0.0
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if Path(f"/proc/{entry.name}/cwd").resolve() != folder.resolve():
                    continue
                title = (entry / "cmdline").read_bytes()
                fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            total += seconds(int(entry.name)) if b"autovacuum worker" in title else _of_the_dead(fields)
    return total
