"""Near-duplicate texts: two answers that say the same are one answer, or one of them says nothing of its own.

Jaccard likeness of the sets of five-word shingles.
Source: Broder, "On the resemblance and containment of documents", Proceedings of SEQUENCES 1997,
doi:10.1109/SEQUEN.1997.666900.
The bound is ours: in the curated answers, pairs above it were copies with a name changed.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping

SHINGLE_WORDS = 5
MAX_LIKENESS = 0.5


def find_similar(texts: Mapping[str, str], bound: float = MAX_LIKENESS) -> list[tuple[str, str, float]]:
    """Pairs of ids whose texts are more alike than the bound, with their likeness from 0 to 1, in order of ids."""
    shingles = {text_id: _shingles(text) for text_id, text in sorted(texts.items())}
    seen: dict[str, list[str]] = defaultdict(list)
    pairs = []
    for text_id, own in shingles.items():
        shared = Counter(other for shingle in own for other in seen[shingle])
        for other, common in sorted(shared.items()):
            likeness = common / (len(own) + len(shingles[other]) - common)
            if likeness > bound:
                pairs.append((other, text_id, likeness))
        for shingle in own:
            seen[shingle].append(text_id)
    return pairs


def _shingles(text: str) -> set[str]:
    words = re.findall(r"\w+", text.casefold())
    return {" ".join(words[i : i + SHINGLE_WORDS]) for i in range(len(words) - SHINGLE_WORDS + 1)}
