"""The environment that the four processes share: ports, addresses and the secrets between them."""

from __future__ import annotations

import os
import secrets
import socket
from pathlib import Path

DEFAULT_PORTS = {"ASKIMMUNE_PORT": 8000, "ASKIMMUNE_RASA_PORT": 5005, "ASKIMMUNE_ACTIONS_PORT": 5055}
SECRETS = ("ASKIMMUNE_RASA_TOKEN", "ASKIMMUNE_ACTIONS_TOKEN")
ROOT = Path(__file__).resolve().parent.parent


def free_port() -> int:
    """A port on 127.0.0.1 that nobody listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def port_is_taken(port: int) -> bool:
    """Whether something already listens on 127.0.0.1 at `port`."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def stack_environment(home: Path, *, ports: dict[str, int] | None = None) -> dict[str, str]:
    """Environment variables for all four processes.

    Args:
        home: folder of everything that changes (`ASKIMMUNE_HOME`); made if absent.
        ports: by variable name; what is missing comes from the environment, else `DEFAULT_PORTS`.

    Returns:
        A copy of this process's environment with ports, addresses, and the secrets between the parts. Secrets that the
        environment does not set are made once and kept in `home` (readable by the owner only).
    """
    env = dict(os.environ)
    for name, default in DEFAULT_PORTS.items():
        env[name] = str((ports or {}).get(name) or env.get(name) or default)
    env["ASKIMMUNE_HOME"] = str(home.resolve())
    env.setdefault("ASKIMMUNE_RASA_URL", f"http://127.0.0.1:{env['ASKIMMUNE_RASA_PORT']}")
    if ports:
        env["ASKIMMUNE_RASA_URL"] = f"http://127.0.0.1:{env['ASKIMMUNE_RASA_PORT']}"
    env.update({name: env.get(name) or _kept_secret(home, name) for name in SECRETS})
    env["SANIC_HOST"] = "127.0.0.1"
    env["RASA_TELEMETRY_ENABLED"] = "false"
    env["SQLALCHEMY_SILENCE_UBER_WARNING"] = "1"
    # Rasa's frozen dependencies warn about each other at every start; that is no news for whoever runs this.
    env.setdefault("PYTHONWARNINGS", "ignore::DeprecationWarning")
    # One stack may run beside another environment's Python: nothing of it may leak into ours.
    for name in ("VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME", "DJANGO_SETTINGS_MODULE"):
        env.pop(name, None)
    return env


def _kept_secret(home: Path, name: str) -> str:
    folder = home / "secrets"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / name.lower()
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(32))
    return path.read_text().strip()
