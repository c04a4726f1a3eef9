"""The whole way in a real browser: a patient on the clinic's demo page, a nurse at the console, nothing mocked."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from stack import Stack
from tests.e2e.patient import Patient

ROOT = Path(__file__).resolve().parents[2]
SHOTS = ROOT / "test-output" / "screenshots"
REPLY_MS = 10_000


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[[], Page]]:
    """Opens pages in browser contexts of their own and fails the test on any script error or refused resource."""
    contexts, faults = [], []

    def open_one() -> Page:
        context = browser.new_context(viewport={"width": 1280, "height": 860})
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on(
            "console",
            lambda message: faults.append(message.text) if "Content Security Policy" in message.text else None,
        )
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert faults == []


def shoot(page: Page, name: str) -> None:
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png")


def ask(page: Page, text: str) -> None:
    page.get_by_label("Your question").fill(text)
    page.keyboard.press("Enter")


def sign_in(page: Page, url: str, name: str, password: str) -> None:
    page.goto(f"{url}/staff/")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Queue")


def test_a_patient_asks_is_answered_rings_the_nurse_and_gets_her_reply(
    stack: Stack, open_page: Callable[[], Page], make_staff: Callable[[str, str], str]
) -> None:
    nurse = open_page()
    sign_in(nurse, stack.url, "sam", make_staff("sam", "agent"))

    with Patient(stack.url) as other:
        other.say("how much does stem cell therapy cost?")
        assert other.escalate(reason="I would like to talk about a trial").status_code == 200
    expect(nurse.locator("[data-level='P4']")).to_be_visible(timeout=5_000)

    patient = open_page()
    patient.goto(f"{stack.url}/demo/")
    patient.get_by_role("button", name="Ask a question").click()
    expect(patient.get_by_label("Your question")).to_be_focused()
    log = patient.get_by_role("log")

    ask(patient, "can stem cells cure lupus?")
    answer = log.locator(".answer[data-answer='lupus.stem_cell_evidence']")
    expect(answer).to_be_visible(timeout=REPLY_MS)
    expect(answer).to_contain_text("evidence")
    expect(answer).to_contain_text("No one can promise a cure")
    expect(answer).to_contain_text("Sources")
    expect(answer).to_contain_text("Not yet signed off by a clinician")
    shoot(patient, "widget")

    ask(patient, "what are its symptoms?")
    expect(log.locator(".answer[data-answer='lupus.symptoms']")).to_be_visible(timeout=REPLY_MS)

    ask(patient, "i have crushing chest pain")
    card = patient.get_by_role("alert", name="Emergency")
    expect(card).to_be_visible(timeout=REPLY_MS)
    expect(card.get_by_role("link", name=re.compile("Call 911"))).to_have_attribute("href", "tel:911")
    shoot(patient, "emergency-card")
    expect(nurse.locator("#alert-banner")).to_be_visible(timeout=5_000)
    top = nurse.locator("[data-conversation-id]").first
    expect(top).to_have_attribute("data-level", "P0", timeout=5_000)
    assert int(nurse.locator("#alert-banner").get_attribute("data-rings") or "0") >= 1
    assert "chest" not in nurse.title()
    shoot(nurse, "console")

    patient.get_by_role("button", name="Ask a person").click()
    shoot(patient, "ask-a-person")
    patient.get_by_role("button", name=re.compile("^(Share|Send|Yes)", re.IGNORECASE)).first.click()

    top.get_by_role("link").first.click()
    nurse.get_by_role("button", name="Claim").click()
    nurse.get_by_label("Reply to the patient").fill("This is Sam from the clinic. Have you called 911?")
    nurse.get_by_role("button", name="Send reply").click()
    expect(log).to_contain_text("This is Sam from the clinic. Have you called 911?", timeout=REPLY_MS)
    ask(patient, "yes they are on the way")
    expect(nurse.locator("body")).to_contain_text("yes they are on the way", timeout=REPLY_MS)
    shoot(nurse, "console-conversation")
    shoot(patient, "with-staff")

    nurse.get_by_label("Outcome").select_option(index=1)
    nurse.get_by_role("button", name="Close", exact=True).click()
    expect(patient.locator("ask-immune .standing")).not_to_contain_text("talking to Sam", timeout=REPLY_MS)
    ask(patient, "what is celiac disease?")
    expect(log.locator(".answer[data-answer='celiac_disease.definition']")).to_be_visible(timeout=REPLY_MS)
    shoot(patient, "assistant-again")


def test_the_chat_is_still_there_after_a_reload(stack: Stack, open_page: Callable[[], Page]) -> None:
    page = open_page()
    page.goto(f"{stack.url}/chat/")
    ask(page, "what is lupus?")
    answer = page.locator(".answer[data-answer='lupus.definition']")
    expect(answer).to_be_visible(timeout=REPLY_MS)
    page.reload()
    expect(answer).to_be_visible(timeout=REPLY_MS)
    expect(page.get_by_role("log")).to_contain_text("what is lupus?")


def test_nothing_is_stored_or_opened_before_the_patient_opens_the_chat(
    stack: Stack, open_page: Callable[[], Page]
) -> None:
    page = open_page()
    requests, sockets = [], []
    page.on("request", lambda request: requests.append(request.url))
    page.on("websocket", lambda socket: sockets.append(socket.url))
    page.goto(f"{stack.url}/demo/")
    expect(page.get_by_role("button", name="Ask a question")).to_be_visible()
    assert sockets == [] and not [url for url in requests if "/api/v1" in url or stack.url not in url]
    assert page.context.cookies() == []
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0


def test_keep_the_pictures_of_the_readme() -> None:
    """With UPDATE_PICTURES=1 the screenshots of this run become those of the README."""
    pictures = [SHOTS / "widget.png", SHOTS / "console.png"]
    assert all(picture.stat().st_size > 10_000 for picture in pictures)
    if os.environ.get("UPDATE_PICTURES"):
        (ROOT / "docs/images").mkdir(exist_ok=True)
        for picture in pictures:
            shutil.copy(picture, ROOT / "docs/images" / picture.name)
