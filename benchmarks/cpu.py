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
    return running / 1e9 + sum(int(fields[n]) for n in (13, 14)) * _TICK_S


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
