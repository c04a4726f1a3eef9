"""Curated answers and what they rest on: read, checked and rendered. No network, no clock, no framework."""

from .errors import AnswerWithdrawn, CaveatMissing, Fault, KnowledgeError, UnknownLine
from .store import Store, load_store

__all__ = ["AnswerWithdrawn", "CaveatMissing", "Fault", "KnowledgeError", "Store", "UnknownLine", "load_store"]
