"""What a patient can do, step by step, in a real browser."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from playwright.sync_api import expect

from .helpers import ask, focused, open_chat, visit

CARD = {
    "author": "assistant",
    "kind": "emergency",
    "text": "**Call 911 now.**",
    "actions": [
        {"type": "call", "label": "Call 911", "href": "tel:911"},
        {"type": "clear", "label": "This is not an emergency"},
    ],
}


def test_every_frame_keeps_the_contract(page, desk):
    schema = json.loads(
        (Path(__file__).resolve().parents[3] / "contracts" / "frame_client.json").read_text(encoding="utf-8")
    )
    open_chat(page, desk)
    page.get_by_label("Your question").press_sequentially("what is lupus?")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="What are the risks?").click()
    expect(page.locator("ask-immune .mine")).to_have_count(2)
    expect(page.locator("ask-immune .mine").last).to_have_attribute("data-state", "sent")
    frames = desk.control("state")["frames"]
    assert {frame["type"] for frame in frames} == {"auth", "message", "typing", "seen"}
    assert [error.message for frame in frames for error in Draft202012Validator(schema).iter_errors(frame)] == []


def test_nothing_leaves_the_page_before_it_is_opened(page, desk):
    requests, sockets = [], []
    page.on("request", lambda request: requests.append(request.url))
    page.on("websocket", lambda socket: sockets.append(socket.url))
    visit(page, desk)
    page.wait_for_timeout(300)
    assert sorted(url.removeprefix(desk.origin) for url in requests if "favicon" not in url) == [
        "/",
        "/host.css",
        "/widget.js",
    ]
    assert not sockets
    assert page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]


def test_every_request_goes_to_the_desk(page, desk):
    requests = []
    page.on("request", lambda request: requests.append(request.url))
    open_chat(page, desk)
    ask(page, "what about stem cells?")
    assert {url.split("/")[2] for url in requests if url.startswith("http")} == {desk.origin.split("/")[2]}


def test_the_keyboard_goes_the_whole_way_without_a_trap(page, desk):
    visit(page, desk)
    page.locator("#host-input").focus()
    page.keyboard.press("Tab")
    assert focused(page) == "Ask a question"
    page.keyboard.press("Enter")
    page.get_by_text("Hello. What would").wait_for()
    assert focused(page) == "field"
    page.keyboard.type("line one")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("about lupus")
    page.keyboard.press("Enter")
    page.locator("ask-immune .answer").wait_for()
    assert focused(page) == "field"
    expect(page.locator("ask-immune .mine .words")).to_have_text("line one\nabout lupus", use_inner_text=True)
    page.keyboard.press("Shift+Tab")
    assert focused(page) == "How do I find a trial?"
    page.keyboard.press("Enter")
    assert focused(page) == "field"
    expect(page.locator("ask-immune .choices").nth(1)).to_contain_text("How do I find a trial? (chosen)")
    page.keyboard.press("Escape")
    assert focused(page) == "Ask a question"
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.keyboard.press("Shift+Tab")
    assert focused(page) == "host-input"


def test_a_person_is_within_two_tabs_of_the_field(page, desk):
    open_chat(page, desk).focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert focused(page) == "Ask a person"


def test_enter_that_ends_a_composition_does_not_send(page, desk):
    field = open_chat(page, desk)
    field.fill("konnichi")
    field.dispatch_event("keydown", {"key": "Enter", "isComposing": True, "bubbles": True})
    expect(page.locator("ask-immune .mine")).to_have_count(0)


def test_the_first_view_says_what_this_is_and_whom_to_call(page, desk):
    open_chat(page, desk)
    dialog = page.get_by_role("dialog", name="Ask a question")
    for words in ("automated assistant", "not medical advice", "not for emergencies", "Demonstration content"):
        expect(dialog).to_contain_text(words)
    expect(dialog.get_by_role("link", name="911")).to_have_attribute("href", "tel:911")


def test_the_emergency_numbers_are_there_before_the_desk_answers(page, desk):
    desk.control("faults", down=True)
    visit(page, desk)
    page.get_by_role("button", name="Ask a question").click()
    for number in ("911", "999", "112", "000"):
        expect(page.locator(f"ask-immune .sos a[href='tel:{number}']")).to_be_visible()


def test_an_answer_shows_all_that_belongs_to_it(page, desk):
    open_chat(page, desk)
    ask(page, "can stem cells cure lupus?")
    answer = page.locator("ask-immune .answer")
    expect(answer.get_by_role("heading", name="Stem cells and lupus")).to_be_visible()
    for words in (
        "Nobody can promise a cure",
        "Do not stop or change a medicine",
        "Some trials",
        "Not yet signed off by a clinician",
    ):
        expect(answer.get_by_text(words)).to_be_visible()
    above = answer.get_by_text("Nobody can promise a cure").bounding_box()["y"]
    assert above < answer.get_by_text("Stem-cell transplant has been").bounding_box()["y"]
    more = answer.get_by_role("button", name="More")
    expect(more).to_have_attribute("aria-expanded", "false")
    more.click()
    expect(answer.get_by_text("It needs a hospital stay.")).to_be_visible()
    expect(answer.get_by_role("button", name="Less")).to_have_attribute("aria-expanded", "true")
    answer.get_by_text("Sources: National Institutes of Health").click()
    expect(answer.get_by_role("listitem").filter(has_text="Sample page")).to_contain_text(
        "National Institutes of Health, 2025, read on November 22, 2026"
    )
    answer.get_by_text("Words explained").click()
    expect(answer.get_by_text("A study in people.")).to_be_visible()


def test_an_answer_is_rated_once(page, desk):
    open_chat(page, desk)
    ask(page, "stem cells?")
    page.get_by_role("button", name="Yes").click()
    expect(page.get_by_text("Thank you for telling us.")).to_be_visible()
    expect(page.get_by_role("button", name="No", exact=True)).to_have_count(0)
    assert desk.control("state")["last"]["helpful"] is True


def test_a_withdrawn_answer_says_so(page, desk):
    open_chat(page, desk)
    ask(page, "stem cells?")
    desk.control("frame", type="withdrawn", seq=3, answer_id="lupus.stem_cell_evidence")
    expect(page.locator("ask-immune .answer")).to_contain_text("The clinic has withdrawn this answer")
    expect(page.locator("ask-immune .answer")).not_to_contain_text("Stem-cell transplant")


def test_an_emergency_card_interrupts_and_needs_two_taps_to_clear(page, desk):
    open_chat(page, desk)
    ask(page, "I have crushing chest pain")
    card = page.get_by_role("alert", name="Emergency")
    expect(card.get_by_role("link", name="Call 911")).to_have_attribute("href", "tel:911")
    assert card.get_by_role("link").bounding_box()["height"] >= 56
    assert focused(page) == "field"
    card.get_by_role("button", name="This is not an emergency").dblclick()
    assert desk.control("state")["last"].get("cleared") is None, "a double tap is one tap"
    page.wait_for_timeout(650)
    card.get_by_role("button", name="Press once more to confirm").click()
    expect(card).to_contain_text("You told us that this is not an emergency.")
    expect(card.get_by_role("link", name="Call 911")).to_be_visible()
    assert desk.control("state")["last"]["cleared"] == 3


def test_safe_exit_leaves_nothing_behind(page, desk):
    open_chat(page, desk)
    ask(page, "hello")
    desk.control(
        "push",
        **{
            **CARD,
            "kind": "safeguarding",
            "actions": [{"type": "safe_exit", "label": "Leave this page now", "href": f"{desk.origin}/host.css"}],
        },
    )
    desk.control(
        "push", author="assistant", kind="safeguarding", text="x", actions=[{"type": "safe_exit", "label": "Leave now"}]
    )
    page.get_by_role("button", name="Leave now").click()
    page.wait_for_url("about:blank")
    page.goto(desk.origin + "/host.css")
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]


def test_asking_a_person_says_what_is_shared_and_needs_consent_for_contact(page, desk):
    open_chat(page, desk)
    ask(page, "I am tired")
    page.locator("ask-immune .composer .person").click()
    assert focused(page) == "sheet-title"
    expect(page.get_by_role("dialog")).to_contain_text("clinic staff will see this whole chat")
    page.get_by_text("How can we reach you?").click()
    page.get_by_label("Name").fill("Ana")
    page.get_by_role("button", name="Share this chat").click()
    expect(page.get_by_text("Please tick the box")).to_be_visible()
    assert desk.control("state")["contact"] is None
    page.get_by_label("The clinic may use").check()
    page.get_by_label("E-mail").fill("ana@")
    page.get_by_role("button", name="Share this chat").click()
    expect(page.get_by_text("This is not an e-mail address.")).to_be_visible()
    page.get_by_label("E-mail").fill("")
    page.get_by_role("button", name="Share this chat").click()
    expect(page.locator("ask-immune .standing")).to_contain_text("You are number 2 in line.")
    expect(page.get_by_text("Clinic staff can read what you write here.")).to_be_visible()
    assert desk.control("state")["contact"] == {"name": "Ana", "consent": True}
    desk.control("status", status="with_staff", staff_name="Sam")
    expect(page.get_by_text("You are talking to Sam, clinic staff.").first).to_be_visible()
    desk.control("push", author="staff", author_name="Sam", kind="text", text="**not bold** <b>x</b>")
    expect(page.locator("ask-immune .staff .words")).to_have_text("**not bold** <b>x</b>")
    desk.control("status", status="closed")
    expect(page.get_by_text("This chat has ended.").first).to_be_visible()


def test_escape_closes_a_sheet_before_the_chat(page, desk):
    open_chat(page, desk)
    page.get_by_role("button", name="Options").click()
    page.keyboard.press("Escape")
    assert focused(page) == "Options"
    expect(page.get_by_role("dialog")).to_be_visible()


def test_the_transcript_is_saved_as_a_file(page, desk):
    open_chat(page, desk)
    ask(page, "hello there")
    page.get_by_role("button", name="Options").click()
    with page.expect_download() as saved:
        page.get_by_role("button", name="Download transcript").click()
    assert "hello there" in saved.value.path().read_text(encoding="utf-8")


def test_deleting_asks_again_gives_a_receipt_and_is_final(page, desk):
    open_chat(page, desk)
    ask(page, "hello there")
    page.get_by_role("button", name="Options").click()
    page.get_by_role("button", name="Delete this chat").click()
    expect(page.get_by_role("heading", name="Delete this chat?")).to_be_focused()
    page.get_by_role("button", name="Delete this chat").click()
    expect(page.get_by_text("Receipt: R-1234")).to_be_visible()
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
    page.get_by_role("button", name="Start a new chat").click()
    page.get_by_text("Hello. What would").wait_for()
    expect(page.get_by_text("hello there")).to_have_count(0)


def test_a_reload_brings_back_chat_and_draft_in_silence(page, desk):
    open_chat(page, desk)
    ask(page, "I have chest pain")
    page.get_by_label("Your question").fill("half a sente")
    page.reload()
    page.locator("ask-immune").wait_for(state="attached")
    page.evaluate("""() => { window.live = []; new MutationObserver((records) => records.forEach((record) =>
        record.addedNodes.forEach((node) => node.classList?.contains('msg') && live.push([record.target.getAttribute('aria-live'), node.getAttribute('role')]))))
        .observe(document.querySelector('ask-immune').shadowRoot.querySelector('[role=log]'), {childList: true}); }""")
    page.get_by_role("button", name="Ask a question").click()
    page.get_by_text("Do not wait for a reply here").wait_for()
    assert page.evaluate("live") == [["off", None], ["off", None], ["off", "group"]]
    expect(page.locator("ask-immune [role=log]")).to_have_attribute("aria-live", "polite")
    expect(page.get_by_label("Your question")).to_have_value("half a sente")
    assert desk.control("state")["chats"] == 1


def test_each_message_is_announced_once_and_nothing_is_drawn_again(page, desk):
    open_chat(page, desk)
    page.evaluate("""() => { window.added = []; window.removed = 0; new MutationObserver((records) => records.forEach((record) => {
        added.push(...[...record.addedNodes].map((node) => node.className)); removed += record.removedNodes.length; }))
        .observe(document.querySelector('ask-immune').shadowRoot.querySelector('[role=log]'), {childList: true}); }""")
    ask(page, "can stem cells cure lupus?")
    page.locator("ask-immune .answer").wait_for()
    assert page.evaluate("[added, removed]") == [["msg mine", "msg assistant"], 0]


def test_unread_messages_are_counted_in_the_launchers_name(page, desk):
    open_chat(page, desk)
    ask(page, "hello")
    page.keyboard.press("Escape")
    desk.control("push", author="staff", author_name="Sam", kind="text", text="first")
    desk.control("push", author="staff", author_name="Sam", kind="text", text="second")
    launcher = page.get_by_role("button", name="Ask a question (2 new messages)")
    launcher.click()
    expect(page.get_by_role("button", name="Ask a question", exact=True)).to_have_attribute("aria-expanded", "true")


def test_words_that_cannot_go_out_stand_beside_the_emergency_numbers(page, desk):
    field = open_chat(page, desk)
    desk.control("faults", down=True)
    desk.control("drop")
    expect(page.locator("ask-immune .standing")).to_contain_text("No connection")
    field.fill("are you there")
    field.press("Enter")
    unsent = page.locator("ask-immune .unsent")
    expect(unsent).to_contain_text("Not sent yet", timeout=1000)
    expect(unsent.get_by_role("link", name="Call 911")).to_be_visible()
    desk.control("faults")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("ask-immune .mine")).to_have_attribute("data-state", "sent")
    assert len(desk.control("state")["received"]) == 1
    assert focused(page) == "field"


def test_a_text_that_is_too_long_is_counted_explained_and_kept(page, desk):
    desk.control("faults", noSocket=True)
    field = open_chat(page, desk)
    field.fill("x" * 1600)
    expect(page.get_by_text("400 characters left").first).to_be_visible()
    field.fill("x" * 2001)
    expect(page.get_by_text("1 characters too many").first).to_be_visible()
    field.press("Enter")
    expect(page.locator("ask-immune .unsent")).to_contain_text("If this is an emergency, call 911.", timeout=10_000)
    page.get_by_role("button", name="Change the text").click()
    expect(field).to_have_value("x" * 2001)


def test_a_reader_further_up_is_not_moved(page, desk):
    open_chat(page, desk)
    for _ in range(3):
        ask(page, "can stem cells cure lupus?")
    page.evaluate("document.querySelector('ask-immune').shadowRoot.querySelector('.scroll').scrollTop = 0")
    desk.control("push", author="staff", author_name="Sam", kind="text", text="new one")
    newer = page.get_by_role("button", name="New message")
    newer.wait_for()
    assert page.evaluate("document.querySelector('ask-immune').shadowRoot.querySelector('.scroll').scrollTop") == 0
    newer.click()
    expect(page.get_by_text("new one")).to_be_in_viewport()


def test_full_screen_makes_the_rest_of_the_page_inert_and_gives_it_back(page, desk):
    page.set_viewport_size({"width": 390, "height": 800})
    open_chat(page, desk)
    assert page.evaluate("document.querySelector('main').inert")
    expect(page.get_by_role("dialog")).to_have_attribute("aria-modal", "true")
    page.get_by_role("button", name="Close chat").click()
    assert not page.evaluate("document.querySelector('main').inert")
    assert focused(page) == "Ask a question"


@pytest.mark.parametrize("kind", ["fallback", "clinician", "handoff", "out_of_scope"])
def test_a_message_that_points_to_a_person_has_the_button(page, desk, kind):
    open_chat(page, desk)
    desk.control("push", author="assistant", kind=kind, text="Please ask a person.")
    page.locator("ask-immune .ask button").click()
    expect(page.get_by_role("heading", name="Ask a person")).to_be_focused()


def test_the_chat_works_where_storage_is_blocked(page, desk):
    page.add_init_script(
        "for (const name of ['localStorage', 'sessionStorage']) Object.defineProperty(window, name, {get() { throw new Error('blocked'); }});"
    )
    open_chat(page, desk)
    ask(page, "hello")


def test_the_page_can_open_and_close_it_and_hears_of_it(page, desk):
    visit(page, desk)
    page.evaluate(
        "() => { window.heard = []; for (const name of ['open', 'close']) document.addEventListener(`askimmune:${name}`, (event) => heard.push([name, event.detail])); }"
    )
    page.evaluate("AskImmune.open()")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.evaluate("AskImmune.close()")
    assert page.evaluate("heard") == [["open", None], ["close", None]]


def test_a_second_tag_changes_nothing(page, desk):
    visit(page, desk)
    desk.control("host", twice=True)
    visit(page, desk)
    page.wait_for_timeout(200)
    assert page.evaluate("[document.scripts.length, document.querySelectorAll('ask-immune').length]") == [2, 1]


def test_as_a_page_of_its_own_it_is_open_and_has_no_launcher(page, desk):
    page.goto(desk.origin + "/chat/")
    page.get_by_text("Hello. What would").wait_for()
    expect(page.get_by_role("region", name="Ask a question")).to_be_visible()
    expect(page.get_by_role("button", name="Close chat")).to_have_count(0)
    assert page.evaluate("document.activeElement === document.body"), "a page is read from its top"
    page.keyboard.press("Escape")
    ask(page, "what about lupus?")
    expect(page.locator("ask-immune .answer")).to_be_visible()


def test_the_desks_masked_words_replace_the_typed_ones(page, desk):
    desk.control("faults", mask="555-0100")
    open_chat(page, desk)
    ask(page, "my number is 555-0100")
    expect(page.locator("ask-immune .mine .words")).to_have_text("my number is [masked]")
