"""The screen: layer A of SAFETY section 2. Pure: no clock, no network, no model, no database."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from safety import manifest
from safety.clauses import Context
from safety.normalise import MAX_CHARS, Normaliser, Tokens
from safety.phrases import Mention, Trie
from safety.rules import TIERS, Rule, RuleSet, load_rules

log = logging.getLogger(__name__)
WINDOW = 3
_CUE = "cue:"
_ASKED = frozenset({"educational", "hypothetical"})


@dataclass(frozen=True)
class Verdict:
    """What the screen found in one message.

    Attributes:
        tier: none, urgent, safeguarding, crisis or emergency; the highest class found decides (C1 > C2 > C3 > C4).
        classes: all classes found, highest first.
        rule_ids: all rules that fired, highest tier first.
        matched: the matched words after normalisation, for staff only; never logged.
        footer: no takeover for it, but a frightening sign was named: show caveat K7.
        soft: past self-harm only: the soft card, level P2.
        person: whom it is about, for the wording: self or other.
        help_on_way: help was called already: the short supportive card.
        failed: the screen itself failed; the generic card is shown and staff are told (S-5).
        layer: always A.
    """

    tier: str = "none"
    classes: tuple[str, ...] = ()
    rule_ids: tuple[str, ...] = ()
    matched: tuple[str, ...] = ()
    footer: bool = False
    soft: bool = False
    person: str = "self"
    help_on_way: bool = False
    failed: bool = False
    layer: str = "A"


FAILED = Verdict(tier="emergency", classes=("C1",), rule_ids=("screen_failed",), failed=True)


@dataclass(frozen=True)
class _Hit:
    rule: Rule
    words: tuple[str, ...]
    person: str


@dataclass
class _Scan:
    context: Context
    fired: list[_Hit] = field(default_factory=list)
    soft: list[_Hit] = field(default_factory=list)
    footer: bool = False


class Pack:
    """A compiled rule pack. Read only after construction, so threads may share it.

    Args:
        rules: the checked rules; None for a pack that could not be loaded.
        root: folder of the data, also of cards and regions.
        degraded: why the wanted pack is not in use; empty if it is.
    """

    def __init__(self, rules: RuleSet | None, root: Path, faults: Sequence[str] = ()) -> None:
        self.root = root
        self.faults = tuple(faults)
        self.degraded = rules is None
        self.fallback = bool(faults) and rules is not None
        self.rules: dict[str, Rule] = {}
        if rules is not None:
            self._compile(rules)

    def _compile(self, rules: RuleSet) -> None:
        self.rules = {rule.id: rule for rule in rules.rules}
        self._trie = Trie()
        used = {p for r in rules.rules for g in (*r.groups, *r.context) for p in g}
        for name in sorted(used):
            for phrase in rules.parts[name]:
                self._trie.add(name, phrase)
        for name, phrases in rules.cues.items():
            for phrase in phrases:
                self._trie.add(_CUE + name, phrase)
        self._trie.seal()
        words = rules.words
        self._normaliser = Normaliser(
            vocabulary=self._trie.words,
            prefixes=self._trie.prefixes,
            ordinary=words["ordinary"],
            same=words["same"],
            glued=words["glued"],
            emoji=words["emoji"],
        )

    def screen(self, text: str, recent: Sequence[str] = ()) -> Verdict:
        """Judges one patient message (S-2 to S-5). Never raises.

        Args:
            text: as typed; the first 65,536 characters are read.
            recent: the patient's previous messages of the last ten minutes, oldest first; the last two are joined (S-4).

        Returns:
            The verdict; on any failure inside, one of tier emergency with `failed` set.
        """
        if self.degraded:
            return FAILED
        try:
            return self._screen(text, recent)
        except Exception:  # S-5: whatever breaks, the patient gets the generic card.
            # The traceback could quote the patient's words, so only the fact is logged.
            log.error("safety screen failed")
            return FAILED

    def _screen(self, text: str, recent: Sequence[str]) -> Verdict:
        alone = self._scan(self._normaliser.tokens(text))
        fired, soft = list(alone.fired), list(alone.soft)
        before = [m for m in list(recent)[-(WINDOW - 1) :] if m and m.strip()]
        room = MAX_CHARS - len(text)
        if before and room > 0:
            earlier = " ".join(before)[-room:]
            joined = self._scan(self._normaliser.tokens(f"{earlier} {text}"))
            known = {h.rule.id for h in [*self._scan(self._normaliser.tokens(earlier)).fired, *fired]}
            fired += [h for h in joined.fired if h.rule.id not in known]
        return self._verdict(alone, fired, soft)

    def _scan(self, tokens: Tokens) -> _Scan:
        found = self._trie.find(tokens)
        context = Context(tokens, {name[len(_CUE) :]: ms for name, ms in found.items() if name.startswith(_CUE)})
        why = {
            (m.start, m.end): context.suppressed_by(m)
            for name, ms in found.items()
            if not name.startswith(_CUE)
            for m in ms
        }
        scan = _Scan(context=context)
        for rule in self.rules.values():
            if all(any(part in found for part in group) for group in (*rule.groups, *rule.context)):
                self._judge(rule, found, why, scan)
        return scan

    @staticmethod
    def _judge(
        rule: Rule, found: Mapping[str, list[Mention]], why: Mapping[tuple[int, int], str | None], scan: _Scan
    ) -> None:
        groups = [[m for part in g for m in found.get(part, ())] for g in (*rule.groups, *rule.context)]
        if rule.whole:
            groups = [[m for m in ms if m.start == 0 and m.end == len(scan.context.tokens.words)] for ms in groups]
        if not all(groups):
            return
        signs = len(rule.groups)

        def stands(mention: Mention, group: int, forgiven: frozenset[str]) -> bool:
            reason = why[mention.start, mention.end]
            if group >= signs:
                return reason not in ("negated", "figurative")
            return reason is None or reason not in rule.suppress or reason in forgiven

        live = [[m for m in ms if stands(m, n, frozenset())] for n, ms in enumerate(groups)]
        hit = nearest(live, rule.within) or _half_asked(groups, live, stands, rule, scan.context)
        if hit:
            scan.fired.append(_hit(rule, hit, scan.context))
            return
        if rule.soft_when_past:
            past = nearest(
                [[m for m in ms if stands(m, n, frozenset({"past"}))] for n, ms in enumerate(groups)], rule.within
            )
            if past:
                scan.soft.append(_hit(rule, past, scan.context))
                return
        everything = nearest(groups, rule.within)
        if everything and all(why[m.start, m.end] != "figurative" for m in everything):
            scan.footer = True

    def _verdict(self, scan: _Scan, fired: list[_Hit], soft: list[_Hit]) -> Verdict:
        context = scan.context
        hits = fired or soft
        on_way = context.has("help_on_way") and not context.has("past")
        if not hits:
            if on_way:
                return Verdict("emergency", ("C1",), ("help_on_way",), (), help_on_way=True)
            return Verdict(footer=scan.footer or context.has("low_mood"))
        classes = tuple(sorted({c for h in hits for c in h.rule.classes}))
        top = {"C1": "emergency", "C2": "crisis", "C3": "urgent", "C4": "safeguarding"}[classes[0]]
        hits = sorted(hits, key=lambda h: -TIERS.index(h.rule.tier))
        return Verdict(
            tier=top,
            classes=classes,
            rule_ids=tuple(dict.fromkeys(h.rule.id for h in hits)),
            matched=tuple(dict.fromkeys(w for h in hits for w in h.words)),
            soft=not fired,
            person=hits[0].person,
            help_on_way=on_way and top == "emergency",
        )


def nearest(groups: Sequence[Sequence[Mention]], within: int) -> list[Mention]:
    """One mention of each group, all within so many words; empty if there is no such set. Linear after a sort."""
    if not groups or not all(groups):
        return []
    if len(groups) == 1:
        return [min(groups[0], key=lambda m: m.start)]
    ordered = sorted(((m.start, n, m) for n, ms in enumerate(groups) for m in ms), key=lambda item: item[:2])
    last: dict[int, Mention] = {}
    for start, group, mention in ordered:
        last[group] = mention
        if len(last) == len(groups) and start - min(m.end for m in last.values()) < within:
            return [last[n] for n in range(len(groups))]
    return []


def _half_asked(
    groups: Sequence[Sequence[Mention]],
    live: Sequence[Sequence[Mention]],
    stands: Callable[[Mention, int, frozenset[str]], bool],
    rule: Rule,
    context: Context,
) -> list[Mention]:
    """ "Signs of meningitis, stiff neck, and I have a fever now": one sign is real, so the asked-about one beside it counts (S-1)."""
    signs = len(rule.groups)
    if signs < 2 or not any(live[:signs]):
        return []
    real = {context.cut.sentence[m.start] for ms in live[:signs] for m in ms}
    asked = [
        [m for m in ms if context.cut.sentence[m.start] in real and stands(m, n, _ASKED)] for n, ms in enumerate(groups)
    ]
    return nearest(asked, rule.within)


def _hit(rule: Rule, mentions: Sequence[Mention], context: Context) -> _Hit:
    words = tuple(" ".join(context.tokens.words[m.start : m.end]) for m in mentions)
    return _Hit(rule, words, _person(context, mentions))


def _person(context: Context, mentions: Sequence[Mention]) -> str:
    """Somebody else, if the sign's clause or the one before names somebody and the clause has no "I" of its own."""
    clauses = {context.cut.clause[m.start] for m in mentions}
    first = any(context.clause_has("person_first", c) for c in clauses)
    other = any(context.clause_has("person_other", c) or context.clause_has("person_other", c - 1) for c in clauses)
    return "other" if other and not first else "self"


def load_pack(root: Path | None = None, *, last_good: Path | None = None) -> Pack:
    """A pack that is exactly what its manifest says, else the last good one, else a degraded one (S-5). Never raises.

    Args:
        root: folder of the pack; by default the one that ships with this package.
        last_good: folder written by `manifest.keep_good_copy`.

    Returns:
        `faults` says what was wrong; `fallback` that the last good pack serves; `degraded` that neither is good:
        then every message gets the generic card.
    """
    faults: list[str] = []
    for folder in [root or manifest.ROOT, *([last_good] if last_good else [])]:
        wrong = manifest.faults(folder)
        if not wrong:
            try:
                return Pack(load_rules(folder), folder, faults)
            except Exception as error:  # a fault in data must not stop a running service
                wrong = [f"{folder.name}: {type(error).__name__}: {error}"]
        faults += wrong
    return Pack(None, manifest.ROOT, faults)


_default: Pack | None = None
_lock = Lock()


def default_pack() -> Pack:
    """The pack that ships with this package, loaded once."""
    global _default
    if _default is None:
        with _lock:
            if _default is None:
                _default = load_pack()
    return _default


def use_pack(pack: Pack) -> None:
    """Makes a pack the default one, for a process that keeps its own last good copy."""
    global _default
    with _lock:
        _default = pack


def screen(text: str, recent: Sequence[str] = ()) -> Verdict:
    """`Pack.screen` of the default pack. Thread-safe, never raises."""
    try:
        return default_pack().screen(text, recent)
    except Exception:  # S-5
        log.error("safety pack could not be loaded")
        return FAILED
