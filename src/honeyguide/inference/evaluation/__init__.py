"""evaluation: how good inference is, measured on texts that neither rules nor seeds have seen.

Contract: `run(data, public, ...)` returns a report of figures per question set and tier; nothing is written and no
workspace is touched. `honeyguide eval inference` prints it, tests hold the floors.
"""

from honeyguide.inference.evaluation.report import Report, as_text, run

__all__ = ["Report", "as_text", "run"]
