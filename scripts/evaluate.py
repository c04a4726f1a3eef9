"""Measures how well the trained assistant understands, on sets that training never sees: what `make eval` calls.

Starts the Rasa server and the action server on free ports, asks every question of tests/eval/*.yml through the desk's
channel, and prints the figures. Development misses are listed; gate misses go, unread, to a file.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import requests
import yaml

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from knowledge import Store, load_store  # noqa: E402
from stack import Stack, free_port, stack_environment  # noqa: E402

SETS = ("dev", "gate")
EMPTY_CONTEXT: dict[str, Any] = {
    "condition": None,
    "topic": None,
    "pending": [],
    "asked": False,
    "recent": [],
    "region": None,
}
LOG_COLUMNS = (
    "date",
    "commit",
    "set",
    "data_digest",
    "questions",
    "right",
    "wrong_answer",
    "personal_pointed",
    "ordinary_as_personal",
    "out_of_scope_answered",
    "small_talk_right",
    "chains_right",
    "takeovers",
)


@dataclass
class Tally:
    """Counts of one set; `misses` are lines of text, `by_topic` maps a topic to (right, asked)."""

    counts: Counter[str] = field(default_factory=Counter)
    by_topic: dict[str, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))
    misses: list[str] = field(default_factory=list)

    def share(self, part: str, whole: str) -> float:
        """A share between 0 and 1; 0 where nothing was asked."""
        return self.counts[part] / self.counts[whole] if self.counts[whole] else 0.0


class Assistant:
    """Asks the running Rasa server through the desk's channel."""

    def __init__(self, url: str, token: str) -> None:
        self._url = f"{url}/webhooks/desk/turn"
        self._http = requests.Session()
        self._http.headers["Authorization"] = f"Bearer {token}"

    def ask(self, text: str, context: dict[str, Any]) -> dict[str, Any]:
        """The turn for one message (contracts/turn.json)."""
        body = {"v": 1, "conversation_id": "evaluation-0123456789", "text": text, "context": context}
        answer = self._http.post(self._url, json=body, timeout=20)
        answer.raise_for_status()
        return answer.json()


def next_context(context: dict[str, Any], turn: dict[str, Any], text: str) -> dict[str, Any]:
    """What the desk keeps of a turn for the next one (docs/design.md, "the turn")."""
    question = turn["questions"][-1] if turn["questions"] else {}
    return {
        **context,
        "condition": question.get("condition") or context["condition"],
        "topic": question.get("topic") or context["topic"],
        "pending": turn["choices"],
        "asked": turn["kind"] == "clarify",
        "recent": [*context["recent"], text][-3:],
    }


def is_right(turn: dict[str, Any], topic: str, condition: str | None, store: Store) -> bool:
    """Whether the right answer came first; where the knowledge has none for the pair, whether just that was said."""
    wanted = store.find_answer(topic, condition)
    if wanted is not None:
        return turn["kind"] == "answer" and turn["answers"][:1] == [wanted.id]
    first = turn["questions"][0] if turn["questions"] else {}
    understood = first.get("topic") == topic and first.get("condition") == condition
    return understood and "utter_no_answer_for_pair" in turn["lines"]


def evaluate(rows: dict[str, list[str]], assistant: Assistant, store: Store) -> Tally:
    """Asks every row of one set; see tests/eval/dev.yml for the form of the rows."""
    tally = Tally()
    for row in rows["answer"]:
        topic, condition, text = _split(row)
        turn = assistant.ask(text, EMPTY_CONTEXT)
        _count_answer(tally, turn, topic, condition, text, store)
    for group, wanted in (("personal", _is_pointed), ("out_of_scope", _is_unanswered)):
        for text in rows[group]:
            turn = assistant.ask(text, EMPTY_CONTEXT)
            tally.counts[group] += 1
            tally.counts[f"{group} ok"] += wanted(turn)
            if not wanted(turn):
                tally.misses.append(f"{group}: {text} -> {_describe(turn)}")
    for row in rows["small_talk"]:
        intent, text = row.split(" | ", 1)
        turn = assistant.ask(text, EMPTY_CONTEXT)
        right = turn["kind"] == ("handoff" if intent == "talk_to_person" else "small_talk")
        tally.counts["small_talk"] += 1
        tally.counts["small_talk ok"] += right
        if not right:
            tally.misses.append(f"small talk, {intent}: {text} -> {_describe(turn)}")
    for row in rows["chains"]:
        _evaluate_chain(tally, row, assistant, store)
    return tally


def _split(row: str) -> tuple[str, str | None, str]:
    topic, condition, text = row.split(" | ", 2)
    return topic, None if condition == "-" else condition, text


def _is_pointed(turn: dict[str, Any]) -> bool:
    return turn["kind"] in ("clinician", "urgent", "crisis", "emergency", "safeguarding")


def _is_unanswered(turn: dict[str, Any]) -> bool:
    return not turn["answers"]


def _count_answer(
    tally: Tally, turn: dict[str, Any], topic: str, condition: str | None, text: str, store: Store
) -> None:
    right = is_right(turn, topic, condition, store)
    tally.counts["answer"] += 1
    tally.counts["right"] += right
    tally.counts["wrong answer"] += turn["kind"] == "answer" and not right
    tally.counts["as personal"] += turn["kind"] == "clinician"
    tally.counts["takeovers"] += turn["tier"] != "none"
    tally.by_topic[topic][0] += right
    tally.by_topic[topic][1] += 1
    if not right:
        tally.misses.append(f"{topic}/{condition}: {text} -> {_describe(turn)}")


def _evaluate_chain(tally: Tally, row: str, assistant: Assistant, store: Store) -> None:
    context = EMPTY_CONTEXT
    tally.counts["chains"] += 1
    for step in row.split(" => "):
        kind, topic, condition, text = step.split(" | ", 3)
        turn = assistant.ask(text, context)
        wanted = None if condition == "-" else condition
        right = is_right(turn, topic, wanted, store) if kind == "answer" else turn["kind"] == kind
        if not right:
            tally.misses.append(f"chain at '{text}' (of: {row}) -> {_describe(turn)}")
            return
        context = next_context(context, turn, text)
    tally.counts["chains ok"] += 1


def _describe(turn: dict[str, Any]) -> str:
    first = turn["questions"][0] if turn["questions"] else {}
    return (
        f"{turn['kind']} {first.get('topic')}/{first.get('condition')} {first.get('confidence', 0):.2f} {turn['lines']}"
    )


def _figures(tally: Tally) -> dict[str, str]:
    questions = sum(tally.counts[name] for name in ("answer", "personal", "out_of_scope", "small_talk", "chains"))
    return {
        "questions": str(questions),
        "right": f"{tally.share('right', 'answer'):.3f}",
        "wrong_answer": f"{tally.share('wrong answer', 'answer'):.3f}",
        "personal_pointed": f"{tally.share('personal ok', 'personal'):.3f}",
        "ordinary_as_personal": f"{tally.share('as personal', 'answer'):.3f}",
        "out_of_scope_answered": f"{1 - tally.share('out_of_scope ok', 'out_of_scope'):.3f}",
        "small_talk_right": f"{tally.share('small_talk ok', 'small_talk'):.3f}",
        "chains_right": f"{tally.share('chains ok', 'chains'):.3f}",
        "takeovers": f"{tally.share('takeovers', 'answer'):.3f}",
    }


def _print_figures(name: str, tally: Tally) -> None:
    print(f"\n{name} set")
    for key, value in _figures(tally).items():
        print(f"  {key:24} {value}")
    if name == "dev":
        weak = sorted((right / asked, topic) for topic, (right, asked) in tally.by_topic.items() if right < asked)
        print("  topics below 1.00:", ", ".join(f"{topic} {share:.2f}" for share, topic in weak) or "none")


def _log_gate(figures: dict[str, str], set_file: Path) -> None:
    """Appends a gate run to docs/eval_log.csv: every run counts, so that a figure's number of earlier runs is known."""
    log = ROOT / "docs" / "eval_log.csv"
    git = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True)
    row = {
        "date": date.today().isoformat(),
        "commit": git.stdout.strip() or "unknown",
        "set": "gate",
        "data_digest": hashlib.sha256(set_file.read_bytes()).hexdigest()[:12],
        **figures,
    }
    is_new = not log.exists()
    with log.open("a", newline="") as file:
        writer = csv.DictWriter(file, LOG_COLUMNS)
        if is_new:
            writer.writeheader()
        writer.writerow(row)


def main(argv: list[str] | None = None) -> int:
    """Evaluates the development set, the gate set, or both.

    Returns:
        0; the figures are for people to judge.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--set", choices=SETS, action="append", dest="sets", help="default: both")
    options = parser.parse_args(argv)
    results = ROOT / "results"
    results.mkdir(exist_ok=True)
    store = load_store()
    ports = {name: free_port() for name in ("ASKIMMUNE_RASA_PORT", "ASKIMMUNE_ACTIONS_PORT")}
    with tempfile.TemporaryDirectory() as home:
        env = stack_environment(Path(home), ports=ports)
        with Stack(env, results / "logs") as stack:
            stack.start("actions", "rasa")
            stack.wait_for_port(f"http://127.0.0.1:{ports['ASKIMMUNE_ACTIONS_PORT']}/health")
            stack.wait_for_port(f"{stack.rasa_url}/", timeout_s=90)
            assistant = Assistant(stack.rasa_url, env["ASKIMMUNE_RASA_TOKEN"])
            for name in options.sets or SETS:
                set_file = ROOT / f"tests/eval/{name}.yml"
                tally = evaluate(yaml.safe_load(set_file.read_text()), assistant, store)
                _print_figures(name, tally)
                (results / f"{name}_misses.txt").write_text("\n".join(tally.misses) + "\n")
                if name == "gate":
                    _log_gate(_figures(tally), set_file)
                else:
                    print(*(f"  miss: {miss}" for miss in tally.misses), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
