"""Steps of a patient that several tests share."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect


def visit(page: Page, desk, path: str = "/") -> None:
    """Loads the host page and waits until the widget is on it."""
    page.goto(desk.origin + path)
    page.locator("ask-immune").wait_for(state="attached")
    page.wait_for_function("document.querySelector('ask-immune').shadowRoot !== null")


def open_chat(page: Page, desk) -> Locator:
    """Opens the chat by its launcher and returns the text field once the greeting is there."""
    visit(page, desk)
    page.get_by_role("button", name="Ask a question").click()
    page.get_by_text("Hello. What would you like").wait_for()
    return page.get_by_label("Your question")


def ask(page: Page, text: str) -> None:
    """Types and sends; returns when the desk has confirmed it."""
    field = page.get_by_label("Your question")
    field.fill(text)
    field.press("Enter")
    expect(page.locator("ask-immune .mine").last).to_have_attribute("data-state", "sent")


def focused(page: Page) -> str:
    """The accessible words of what holds focus, inside the widget or on the host page."""
    return page.evaluate("""() => {
      const inner = document.querySelector('ask-immune').shadowRoot.activeElement;
      const node = inner || document.activeElement;
      return node.id || node.getAttribute('aria-label') || node.textContent.trim() || node.tagName;
    }""")
