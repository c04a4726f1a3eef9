"""The closed list of organisations: which one a source names, whether its address is theirs, and its class."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from .schema import Organisation, Source

#: Where papers of any organisation or journal are kept.
PAPER_HOSTS = ("doi.org", "pubmed.ncbi.nlm.nih.gov", "pmc.ncbi.nlm.nih.gov", "ncbi.nlm.nih.gov", "europepmc.org")
#: Classes whose sources may be papers.
PAPER_CLASSES = ("guideline", "trial", "journal", "reference")
#: A note in brackets after a name may say who wrote the paper, but not that somebody else repeats the page.
_SECOND_HAND = re.compile(r"report|quot|summar|reproduc|republish|mirror|citing|copy", re.IGNORECASE)
_AFTER_BRACKET = re.compile(r"^([^(]{1,200}) \([^)]{1,200}\)(?:, [^()]{1,200})?$")


class SourceList:
    """Organisations and single papers of sources.yml.

    Args:
        organisations: by name.
        works: class of single papers by the beginning of their address.
    """

    def __init__(self, organisations: Mapping[str, Organisation], works: Mapping[str, str]) -> None:
        self.organisations = organisations
        self.works = works
        self._by_name: dict[str, Organisation] = {}
        for organisation in organisations.values():
            for name in (organisation.name, *organisation.aliases):
                self._by_name.setdefault(_plain(name), organisation)

    def find(self, name: str) -> Organisation | None:
        """The organisation of this name or alias, a bracketed note after it aside; None if it isn't listed."""
        found = self._by_name.get(_plain(name))
        if found or _SECOND_HAND.search(name):
            return found
        bracket = _AFTER_BRACKET.match(name.strip())
        return self._by_name.get(_plain(bracket.group(1))) if bracket else None

    def owns(self, organisation: Organisation, url: str) -> bool:
        """Whether the address belongs to the organisation, or is a place where its papers are kept."""
        if self._work_class(url):
            return True
        hosts = organisation.hosts
        if organisation.source_class in PAPER_CLASSES:
            hosts += PAPER_HOSTS
        host = (urlsplit(url).hostname or "").removeprefix("www.")
        return any(host == known or host.endswith(f".{known}") for known in hosts)

    def class_of(self, source: Source) -> str | None:
        """The class that the source counts as; None if its organisation isn't listed."""
        organisation = self.find(source.organisation)
        return self._work_class(source.url) or (organisation.source_class if organisation else None)

    def _work_class(self, url: str) -> str | None:
        return next((kind for start, kind in self.works.items() if url.startswith(start)), None)


def _plain(name: str) -> str:
    straight = name.replace("\u2019", "'").casefold().strip().removeprefix("the ")
    return " ".join(straight.split())
