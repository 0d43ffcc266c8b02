"""What people teach at level 0, for others to read: labels in order (`since`) and how people decided by step (`tallies`)."""

from honeyguide.decisions.label_tables import APPROVE, EDIT, NOT_NOW, Label, Tally, since, tallies

__all__ = ["APPROVE", "EDIT", "NOT_NOW", "Label", "Tally", "since", "tallies"]
