"""Honeyguide: who is the best advocate now, what moves this person, when to ask.

The main road, one folder a stage, imports running downwards only:
funnel -> identity -> graph -> inference -> moments -> decisions -> delivery -> outcomes -> learning.
ARCHITECTURE.md tells the story in five minutes.
"""

__version__ = "0.1.0"
