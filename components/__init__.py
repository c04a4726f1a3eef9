"""Rasa graph components: how a patient's message is understood (docs/components/)."""
