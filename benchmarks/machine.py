"""Facts of the machine a figure was taken on, stored beside every figure."""

import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from honeyguide.db.embedded import provider_root


def facts() -> dict[str, Any]:
    """CPU, cores, memory, load, Python and PostgreSQL versions, time."""
    model = next(
        (
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    memory_kb = int(Path("/proc/meminfo").read_text().split()[1])
    said = subprocess.run(
        [provider_root() / "bin" / "postgres", "--version"], capture_output=True, text=True, check=True
    )
    return {
        "cpu": model,
        "cores": os.cpu_count(),
        "memory_gib": round(memory_kb / 2**20, 1),
        "load_1min": round(os.getloadavg()[0], 2),
        "system": platform.platform(),
        "python": platform.python_version(),
        "postgresql": said.stdout.strip().rsplit(" ", 1)[-1],
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
