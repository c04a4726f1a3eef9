"""Short conversational lines: the `responses` of Rasa's domain.yml, filled with the labels of topics and conditions.

The action server and the desk both render lines here, so that `rasa shell` reads like the chat.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from .errors import UnknownLine
from .files import read_labels

#: What stands for a condition or topic that is not known.
UNNAMED = {"condition": "this condition", "topic": "this"}
_FIELD = re.compile(r"\{(condition|topic)\}")
_SENTENCE_START = re.compile(r"(?:^|[.!?]\s|\n)[\"'(*]{0,3}$")


class Lines:
    """The lines of one domain file.

    Args:
        texts: each line's text by its id; `{condition}` and `{topic}` are filled by `render`.
        conditions: labels of conditions and themes, for the middle of a sentence.
        topics: labels of topics, likewise.
    """

    def __init__(self, texts: Mapping[str, str], conditions: Mapping[str, str], topics: Mapping[str, str]) -> None:
        self.texts = texts
        self._labels = {"condition": conditions, "topic": topics}

    def render(self, line_id: str, *, condition: str | None = None, topic: str | None = None) -> str:
        """The line's text with labels filled in, a capital letter where one starts a sentence.

        Args:
            line_id: the response's name, like `utter_which_condition`.
            condition: a condition's slug or a theme, or None: the line then says "this condition".
            topic: a topic's id, or None.

        Raises:
            UnknownLine: no response has this name.
            KeyError: there is no such condition or topic.
        """
        if line_id not in self.texts:
            raise UnknownLine(line_id)
        given = {"condition": condition, "topic": topic}
        text = self.texts[line_id]

        def label(match: re.Match[str]) -> str:
            field = match.group(1)
            value = given[field]
            words = self._labels[field][value] if value else UNNAMED[field]
            starts = _SENTENCE_START.search(text[: match.start()])
            return words[:1].upper() + words[1:] if starts else words

        return _FIELD.sub(label, text)


def load_lines(domain_path: Path) -> Lines:
    """Reads the `responses` of a domain file: of each, the first variation's `text`.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file has no responses, or one of them has no text.
    """
    data: Any = yaml.safe_load(Path(domain_path).read_text(encoding="utf-8"))
    responses = data.get("responses") if isinstance(data, Mapping) else None
    if not isinstance(responses, Mapping) or not responses:
        raise ValueError(f"{domain_path} has no responses")
    conditions, topics = read_labels()
    return Lines({str(line_id): _first_text(str(line_id), r) for line_id, r in responses.items()}, conditions, topics)


def _first_text(line_id: str, variations: object) -> str:
    first = variations[0] if isinstance(variations, list) and variations else None
    text = first.get("text") if isinstance(first, Mapping) else None
    if not isinstance(text, str) or not text.strip():
        raise ValueError(f"{line_id} has no text in its first variation")
    return text.strip()
