"""Rasa's file importer, loaded first by every `rasa` command so that our adjustments hold from the start."""

from __future__ import annotations

import warnings

from rasa.shared.importers.rasa import RasaFileImporter

from components.runtime import prepare_rasa

prepare_rasa()
# Our lines are sent by actions, chosen by id; rules never name them, so Rasa takes them for unused.
# tests/actions checks instead that every line is used and every line used exists.
warnings.filterwarnings("ignore", message=r"The utterance 'utter_\w+' is not used in any story or rule")


class ProjectImporter(RasaFileImporter):
    """Reads config.yml, domain.yml and data/ as Rasa does."""
