"""Messages per second and latency of stock Rasa, our Rasa and the whole way through the desk; `make bench` calls it."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import yaml

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
STOCK = ROOT / "bench" / "rasa_default"
sys.path.insert(0, str(ROOT))

from stack import Stack, free_port, stack_environment  # noqa: E402

AT_ONCE = (1, 4, 16)
EMPTY_CONTEXT = {"condition": None, "topic": None, "pending": [], "asked": False, "recent": [], "region": None}
Send = Callable[[httpx.AsyncClient, str], Awaitable[None]]


def main(argv: list[str] | None = None) -> int:
    """Runs the three ways one after the other and writes results.json and results.md beside this file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=300, help="messages at each level (stock gets a third)")
    parser.add_argument("--epochs", type=int, default=2, help="epochs of stock Rasa's training")
    parser.add_argument("--skip-stock", action="store_true", help="only our two ways")
    options = parser.parse_args(argv)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        if not options.skip_stock:
            rows.append(measure_stock(work, options.messages // 3, options.epochs))
        rows.extend(measure_ours(work, options.messages))
    write_results(rows)
    return 0


def questions() -> list[str]:
    """The answerable questions of the development set."""
    rows = yaml.safe_load((ROOT / "tests/eval/dev.yml").read_text())["answer"]
    return [row.split(" | ", 2)[2] for row in rows]


def measure_stock(work: Path, messages: int, epochs: int) -> dict[str, Any]:
    """Trains and serves stock Rasa with our data and our action server; returns its row."""
    subprocess.run([str(ROOT / "scripts/uv"), "sync", "--locked", "--quiet"], cwd=STOCK, check=True)
    project = work / "stock"
    shutil.copytree(ROOT / "data", project / "data")
    shutil.copy(ROOT / "domain.yml", project)
    config = (STOCK / "config.yml").read_text().replace("EPOCHS", str(epochs))
    (project / "config.yml").write_text(config)
    (project / "credentials.yml").write_text("rest:\n")
    ports = {name: free_port() for name in ("ASKIMMUNE_RASA_PORT", "ASKIMMUNE_ACTIONS_PORT")}
    env = stack_environment(work / "stock-home", ports=ports)
    endpoints = (ROOT / "deploy/endpoints.yml").read_text()
    action_part = yaml.safe_load(endpoints)["action_endpoint"]
    (project / "endpoints.yml").write_text(yaml.safe_dump({"action_endpoint": action_part}))
    rasa = str(STOCK / ".venv/bin/rasa")
    started = time.perf_counter()
    with (work / "stock-train.log").open("wb") as log:
        subprocess.run([rasa, "train"], cwd=project, env=env, stdout=log, stderr=subprocess.STDOUT, check=True)
    train_s = time.perf_counter() - started
    stack = Stack(env, work / "stock-logs")
    command = f"cd {project} && exec {rasa} run --interface 127.0.0.1 --port {ports['ASKIMMUNE_RASA_PORT']}"
    stack.commands["rasa"] = command
    with stack:
        started = time.perf_counter()
        stack.start("actions", "rasa")
        stack.wait_for_port(f"{stack.rasa_url}/", timeout_s=180)
        start_s = time.perf_counter() - started
        url = f"{stack.rasa_url}/webhooks/rest/webhook"

        async def send(client: httpx.AsyncClient, text: str) -> None:
            answer = await client.post(url, json={"sender": uuid.uuid4().hex, "message": text})
            answer.raise_for_status()

        levels = asyncio.run(measure_levels(send, messages))
        memory = resident_mib(stack, ["rasa"])
    return {"way": "stock Rasa", "train_s": train_s, "start_s": start_s, "memory_mib": memory, "levels": levels}


def measure_ours(work: Path, messages: int) -> list[dict[str, Any]]:
    """Starts all four processes; returns the rows of our Rasa and of the whole way."""
    names = ("ASKIMMUNE_PORT", "ASKIMMUNE_RASA_PORT", "ASKIMMUNE_ACTIONS_PORT")
    env = stack_environment(work / "home", ports={name: free_port() for name in names})
    env |= {"ASKIMMUNE_RATE_PER_CONVERSATION": "0", "ASKIMMUNE_RATE_PER_ADDRESS": "0"}
    stack = Stack(env, work / "logs")
    stack.migrate()
    with stack:
        started = time.perf_counter()
        stack.start("actions", "rasa")
        stack.wait_for_port(f"{stack.rasa_url}/")
        rasa_start_s = time.perf_counter() - started
        stack.start("desk", "worker")
        stack.wait_until_ready()
        all_start_s = time.perf_counter() - started
        token = {"Authorization": f"Bearer {env['ASKIMMUNE_RASA_TOKEN']}"}

        async def send_to_rasa(client: httpx.AsyncClient, text: str) -> None:
            body = {"v": 1, "conversation_id": uuid.uuid4().hex, "text": text, "context": EMPTY_CONTEXT}
            answer = await client.post(f"{stack.rasa_url}/webhooks/desk/turn", json=body, headers=token)
            answer.raise_for_status()

        api = f"{stack.url}/api/v1/conversations"

        async def send_to_desk(client: httpx.AsyncClient, text: str) -> None:
            conversation = client.conversations.pop()  # type: ignore[attr-defined]
            body = {"text": text, "client_message_id": str(uuid.uuid4())}
            headers = {"Authorization": f"Bearer {conversation['token']}"}
            url = f"{api}/{conversation['conversation_id']}/messages"
            answer = await client.post(url, json=body, headers=headers)
            answer.raise_for_status()

        async def open_conversations(client: httpx.AsyncClient, count: int) -> None:
            made = [(await client.post(api, json={})).raise_for_status().json() for _ in range(count)]
            client.conversations = made  # type: ignore[attr-defined]

        rasa_levels = asyncio.run(measure_levels(send_to_rasa, messages))
        desk_levels = asyncio.run(measure_levels(send_to_desk, messages, prepare=open_conversations))
        return [
            {
                "way": "our Rasa",
                "train_s": None,
                "start_s": rasa_start_s,
                "memory_mib": resident_mib(stack, ["rasa"]),
                "levels": rasa_levels,
            },
            {
                "way": "whole way (desk, Rasa, actions)",
                "train_s": None,
                "start_s": all_start_s,
                "memory_mib": resident_mib(stack, ["rasa", "actions", "desk", "worker"]),
                "levels": desk_levels,
            },
        ]


async def measure_levels(
    send: Send, messages: int, prepare: Callable[[httpx.AsyncClient, int], Awaitable[None]] | None = None
) -> list[dict[str, float]]:
    """Sends `messages` at each level of AT_ONCE after a warm-up; times in milliseconds."""
    texts = questions()
    levels = []
    async with httpx.AsyncClient(timeout=60, limits=httpx.Limits(max_connections=32)) as client:
        if prepare:
            await prepare(client, messages * len(AT_ONCE) + 20)
        for index in range(20):
            await send(client, texts[index])
        for at_once in AT_ONCE:
            times: list[float] = []
            queue = iter([texts[index % len(texts)] for index in range(messages)])

            async def work(queue: Any = queue, times: list[float] = times) -> None:
                for text in queue:
                    started = time.perf_counter()
                    await send(client, text)
                    times.append((time.perf_counter() - started) * 1000)

            started = time.perf_counter()
            await asyncio.gather(*(work() for _ in range(at_once)))
            elapsed = time.perf_counter() - started
            quantiles = statistics.quantiles(times, n=100)
            levels.append(
                {
                    "at_once": at_once,
                    "per_s": len(times) / elapsed,
                    "p50_ms": quantiles[49],
                    "p95_ms": quantiles[94],
                    "p99_ms": quantiles[98],
                }
            )
    return levels


def resident_mib(stack: Stack, parts: list[str]) -> float:
    """Resident memory of the parts together with their children, in MiB (`ps`)."""
    listing = subprocess.run(["ps", "-eo", "pgid=,rss="], capture_output=True, text=True, check=True).stdout
    groups = {stack.running[part].pid for part in parts}
    return sum(int(rss) for group, rss in map(str.split, listing.splitlines()) if int(group) in groups) / 1024


def write_results(rows: list[dict[str, Any]]) -> None:
    """Writes results.json and a table, results.md; prints the table."""
    commit = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True)
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    result = {"commit": commit.stdout.strip(), "machine": machine, "rows": rows}
    (HERE / "results.json").write_text(json.dumps(result, indent=2) + "\n")
    lines = [f"Commit {result['commit']}; {machine}. Command: `make bench`.", ""]
    lines.append("| way | at once | messages/s | p50 ms | p95 ms | p99 ms | memory MiB | start s |")
    lines.append("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for row in rows:
        for level in row["levels"]:
            numbers = " | ".join(f"{level[key]:.1f}" for key in ("per_s", "p50_ms", "p95_ms", "p99_ms"))
            ends = f"{row['memory_mib']:.0f} | {row['start_s']:.1f}"
            lines.append(f"| {row['way']} | {level['at_once']:.0f} | {numbers} | {ends} |")
    text = "\n".join(lines) + "\n"
    (HERE / "results.md").write_text(text)
    print(text)


if __name__ == "__main__":
    sys.exit(main())
