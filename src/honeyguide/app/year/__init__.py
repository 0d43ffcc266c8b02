"""A simulated year of the whole product under a virtual clock: funnel, road, reading, decisions, delivery, outcomes, ledger,
learning, day by day in one process, the same for one seed to the last byte.

What is played by the demo: the customers' systems, a marketing lead, a finance team, the advocates and their friends
(`demo.year` holds their hidden truth). What is real: everything else.
"""

from honeyguide.app.year.run import Year, run_year

__all__ = ["Year", "run_year"]
