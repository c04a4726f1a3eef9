"""Time of the safety screen on ordinary and hostile input (SAFETY S-3: p99 <= 20 ms for 4,000 characters, <= 200 ms for 64 KB)."""

from __future__ import annotations

import argparse
import os
import platform
import random
import time
from pathlib import Path

import safety

TESTS = Path(__file__).resolve().parents[2] / "tests" / "safety"
LIMITS_MS = {4_000: 20.0, 65_536: 200.0}


def hostile(size: int, seed: int = 7) -> dict[str, str]:
    """Inputs that a slow matcher would choke on, each about `size` characters; another seed gives other random words."""
    rng = random.Random(seed)
    lines = [
        w
        for f in ("ordinary.txt", "red.txt", "crisis.txt")
        for w in (TESTS / f).read_text(encoding="utf-8").splitlines()
        if w[:1] != "#"
    ]
    words = sorted({w for line in lines for w in line.lower().split()})

    def fill(piece: str) -> str:
        return (piece * (size // max(len(piece), 1) + 1))[:size]

    return {
        "ordinary lines": fill(" ".join(w for w in lines[:240]) + " "),
        "red lines": fill(". ".join(lines[250:]) + ". "),
        "words of the rules at random": " ".join(rng.choice(words) for _ in range(size))[:size],
        "one letter": fill("a"),
        "i i i i": fill("i "),
        "loose letters": fill("c h e s t p a i n "),
        "glued words": fill("ichestpaincantbreathe"),
        "never the same word": " ".join("".join(rng.choice("abcdehrstn") for _ in range(7)) for _ in range(size // 8)),
        "near misses": fill("my chest is really so very like all over been i cant really even properly "),
        "combining marks": fill("a" + "\u0301" * 50),
        "zero width": fill("c\u200bh\u200be\u200bs\u200bt "),
        "emoji": fill("\U0001f198 pain "),
        "no pain, no fever,": fill("no pain, no fever, "),
        "brackets and signs": fill("(((!?.,'\"[]{}"),
    }


def main() -> int:
    """Prints p50 and p99 in milliseconds for each input, waited and of this process alone; returns 1 if a wait is over."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=30)
    rounds = parser.parse_args().rounds
    pack = safety.default_pack()
    if pack.degraded:
        print("the pack is not as its manifest says: nothing to measure")
        return 1
    print(
        f"{platform.python_version()} {platform.machine()}, {len(pack.rules)} rules, {rounds} rounds each, load {os.getloadavg()[0]:.1f}"
    )
    over = 0
    for size, limit in LIMITS_MS.items():
        wall: dict[str, list[float]] = {}
        own: dict[str, list[float]] = {}
        for n in range(rounds):
            # New random words each round: what the matcher learned from the last text must not help.
            for name, text in hostile(size, seed=n).items():
                start, used = time.perf_counter(), time.process_time()
                safety.screen(text)
                wall.setdefault(name, []).append((time.perf_counter() - start) * 1000)
                own.setdefault(name, []).append((time.process_time() - used) * 1000)
        for name, times in wall.items():
            p99 = percentile(times, 0.99)
            over += p99 > limit
            late = "  OVER" if p99 > limit else ""
            print(
                f"{size:>6} characters  {name:<28} p50 {percentile(times, 0.5):6.1f} ms  p99 {p99:6.1f} ms"
                f"  (processor alone: p50 {percentile(own[name], 0.5):6.1f}  p99 {percentile(own[name], 0.99):6.1f}){late}"
            )
    return 1 if over else 0


def percentile(times: list[float], share: float) -> float:
    """The time that this share of the rounds did not exceed."""
    return sorted(times)[min(len(times) - 1, int(len(times) * share))]


if __name__ == "__main__":
    raise SystemExit(main())
