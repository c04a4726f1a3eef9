"""Pages around the widget: the demo clinic page, the full-page chat, and the widget's files."""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from safety import emergency_line, emergency_numbers

from clinic.selectors import get_profile
from conversations import texts
from tickets.hours import describe

DIST = settings.ROOT / "widget" / "dist"
TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".css": "text/css; charset=utf-8",
    ".map": "application/json",
}


def demo(request: HttpRequest) -> HttpResponse:
    """GET /demo/: a plausible clinic page with the widget, clearly a demonstration"""
    return render(request, "api/demo.html", _context(request))


def chat(request: HttpRequest) -> HttpResponse:
    """GET /chat/: the same widget over the whole page"""
    return render(request, "api/chat.html", _context(request))


def _context(request: HttpRequest) -> dict[str, Any]:
    region = settings.ENV.region
    profile = get_profile()
    return {
        "clinic": profile,
        "hours": describe(profile.opening_hours).replace("- ", "").splitlines(),
        "emergency_line": emergency_line(region),
        "emergency_numbers": emergency_numbers(region),
        "notice": None if settings.PRODUCTION else texts.DEMONSTRATION,
    }


@lru_cache(maxsize=16)
def _read(path: Path, changed: float) -> tuple[bytes, str]:
    data = path.read_bytes()
    return data, f'"{hashlib.sha256(data).hexdigest()[:24]}"'


def _file(request: HttpRequest, path: Path, cache: str) -> HttpResponse:
    try:
        data, tag = _read(path, path.stat().st_mtime)
    except OSError:
        raise Http404 from None
    same = request.headers.get("If-None-Match") == tag
    response = HttpResponse(b"" if same else data, status=304 if same else 200, content_type=TYPES[path.suffix])
    response["ETag"] = tag
    response["Cache-Control"] = cache
    # The script tag of another site may load it, with or without an integrity attribute.
    response["Access-Control-Allow-Origin"] = "*"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def widget_script(request: HttpRequest) -> HttpResponse:
    """GET /widget.js: the newest widget, kept only shortly by browsers"""
    return _file(request, DIST / "askimmune.js", "public, max-age=300")


def widget_file(request: HttpRequest, version: str, name: str) -> HttpResponse:
    """GET /widget/<version>/<name>: a file of exactly that version, which never changes"""
    try:
        held = json.loads((DIST / "manifest.json").read_text())["version"]
    except (OSError, ValueError, KeyError):
        raise Http404 from None
    path = DIST / name
    if version != held or path.parent != DIST or path.suffix not in TYPES or not path.is_file():
        raise Http404
    return _file(request, path, "public, max-age=31536000, immutable")
