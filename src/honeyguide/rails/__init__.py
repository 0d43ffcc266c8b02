"""Plug-ins that pay: each implements `ledger.Rail` (four methods). None knows another; the app names the built-in ones."""

from honeyguide.rails.manual import ManualRail

__all__ = ["ManualRail"]
