"""Work for later, behind one port (`queue.JobQueue`), so that the engine can be replaced.

The data plane does not use it: events move by cursors. Jobs are for the clockwork (statistics, lift, partitions).
"""

from honeyguide.jobs.pgqueuer import PgQueuerQueue
from honeyguide.jobs.queue import Handler, Job, JobQueue
from honeyguide.jobs.skip_locked import SkipLockedQueue

__all__ = ["Handler", "Job", "JobQueue", "PgQueuerQueue", "SkipLockedQueue"]
