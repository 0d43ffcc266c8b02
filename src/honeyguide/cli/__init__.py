"""The command line. Every command says what it does while it works, and every refusal in one plain sentence."""

from honeyguide.cli.main import main

__all__ = ["main"]
