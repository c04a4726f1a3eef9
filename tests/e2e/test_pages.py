"""The pages around the widget, in a real browser: accessible, and of some use without JavaScript."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from stack import Stack

PATHS = ["/demo/", "/chat/"]


@pytest.mark.parametrize("path", PATHS)
def test_axe_finds_nothing(stack: Stack, browser: Browser, path: str) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 860})
    page = context.new_page()
    page.goto(stack.url + path)
    expect(page.locator("ask-immune")).to_be_attached()
    found = Axe().run(page).response["violations"]
    context.close()
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []


@pytest.mark.parametrize("path", PATHS)
def test_without_javascript_the_emergency_number_is_there(stack: Stack, browser: Browser, path: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(stack.url + path)
    line = page.locator("main noscript p")
    expect(line).to_be_visible()
    words = line.inner_text()
    context.close()
    assert "The chat needs JavaScript." in words and "911" in words
