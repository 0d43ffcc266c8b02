"""Weights of models on this machine: where they are, how they are fetched and checked, and the process that runs them.

Contract: nothing here decides anything about a text; `inference.providers` does. Weights are data with a pinned
SHA-256 and are never fetched while somebody waits for an answer.
"""
