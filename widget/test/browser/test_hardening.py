"""The widget in a hostile place: strict policies, host styles that reach for it, and text that tries to be code."""

from __future__ import annotations

import json

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from .helpers import ask, open_chat, visit

HOSTILE_CSS = """
*{letter-spacing:3px!important;line-height:3!important;direction:rtl} button{background:#f0f!important;font-size:40px!important}
p,span,div{color:#0f0!important} textarea,input{display:none!important} ask-immune{display:none!important;opacity:.1!important}
html{font-size:62.5%} section,header{float:left!important;width:10px!important}
"""
STYLES = [
    "color",
    "backgroundColor",
    "fontSize",
    "letterSpacing",
    "lineHeight",
    "display",
    "fontFamily",
    "direction",
    "opacity",
    "float",
    "width",
]
READ_STYLES = """(names) => ['.launcher', '.panel', 'textarea', '.row button', '.bubble p', '.head'].map((query) => {
  const style = getComputedStyle(document.querySelector('ask-immune').shadowRoot.querySelector(query));
  return names.map((name) => style[name]);
})"""
ALLOWED = {
    "DIV",
    "P",
    "SPAN",
    "BR",
    "UL",
    "OL",
    "LI",
    "STRONG",
    "A",
    "BUTTON",
    "H3",
    "DETAILS",
    "SUMMARY",
    "DL",
    "DT",
    "DD",
}
PAYLOADS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<iframe src=javascript:alert(1)>",
    "<a href=javascript:alert(1)>x</a>",
    "<body onload=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<math><mtext></mtext></math>",
    "<style>*{display:none}</style>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<base href=//evil.example>",
    "<form action=//evil.example><input>",
    "<object data=data:text/html,x>",
    "<embed src=//evil.example>",
    "<video><source onerror=alert(1)>",
    "<template><script>alert(1)</script></template>",
    "</div></section><script>alert(1)</script>",
    "<!--<img src=x onerror=alert(1)>-->",
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    "<meta http-equiv=refresh content=0;url=//evil.example>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\nscript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:msgbox)",
    "[x](//evil.example)",
    '[x](https://a.example/"onmouseover=alert(1))',
    "[x](https://a.example/'><img src=x>)",
    "![x](https://evil.example/x.png)",
    "**<img src=x onerror=alert(1)>**",
    "- <svg/onload=alert(1)>",
    "[<img src=x onerror=alert(1)>](https://a.example)",
    "[x](blob:https://evil.example/1)",
    "[x](file:///etc/passwd)",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "{{constructor.constructor('alert(1)')()}}",
    "${alert(1)}",
    "\u202e<script>alert(1)</script>",
    "[x](\u0001javascript:alert(1))",
    "__proto__[x](javascript:alert(1)) ;alert(1)//",
]
LOOK = """() => { const log = document.querySelector('ask-immune').shadowRoot.querySelector('[role=log]');
  const all = [...log.querySelectorAll('*')];
  return { tags: [...new Set(all.map((node) => node.tagName))], links: all.filter((node) => node.href).map((node) => node.protocol),
    handlers: all.flatMap((node) => node.getAttributeNames()).filter((name) => name.startsWith('on') || name === 'style' || name === 'src') }; }"""


def check_log(page) -> None:
    """Only known elements, no handler, no address but a safe one."""
    found = page.evaluate(LOOK)
    assert set(found["tags"]) <= ALLOWED, set(found["tags"]) - ALLOWED
    assert not found["handlers"]
    assert set(found["links"]) <= {"https:", "http:", "tel:", "sms:", "mailto:"}


def watch(page, desk) -> list[str]:
    """Whatever should never happen: a dialog, or a request to another host."""
    seen: list[str] = []
    page.on("dialog", lambda dialog: (seen.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda request: request.url.startswith(desk.origin) or seen.append(request.url))
    return seen


def test_there_are_forty_payloads():
    assert len(set(PAYLOADS)) == 40


def test_a_patients_payload_stays_text(page, desk):
    seen = watch(page, desk)
    open_chat(page, desk)
    for number, payload in enumerate(PAYLOADS):
        ask(page, payload)
        own = page.locator("ask-immune .mine .words").nth(number)
        assert own.evaluate("(node) => [node.textContent, node.childElementCount]") == [payload.strip(), 0]
    check_log(page)
    assert not seen


@pytest.mark.parametrize("author", ["assistant", "staff", "system"])
def test_a_payload_from_the_desk_stays_text(page, desk, author):
    seen = watch(page, desk)
    open_chat(page, desk)
    for payload in PAYLOADS:
        desk.control(
            "push",
            author=author,
            author_name=payload if author == "staff" else None,
            kind="text",
            text=payload,
            lang=payload,
        )
    expect(page.locator(f"ask-immune .msg.{author}")).to_have_count(len(PAYLOADS) + (author == "assistant"))
    check_log(page)
    assert not seen


def test_a_payload_in_a_choice_a_card_or_an_answer_stays_text(page, desk):
    seen = watch(page, desk)
    open_chat(page, desk)
    for number, payload in enumerate(PAYLOADS):
        desk.control(
            "push",
            author="assistant",
            kind="answer",
            text=payload,
            choices=[{"choice_id": f"{number:020d}", "label": payload}],
            answers=[
                {
                    "answer_id": "lupus.cure",
                    "title": payload,
                    "short": payload,
                    "more": payload,
                    "evidence": {"code": "harmful", "label": payload, "meaning": payload},
                    "caveats": [{"caveat_id": "a", "text": payload}],
                    "glossary": [{"term": payload, "text": payload}],
                    "checked_on": payload,
                    "sources": [
                        {"title": payload, "organisation": payload, "url": payload, "year": 2025, "accessed": payload}
                    ],
                    "signed_off": False,
                }
            ],
        )
        desk.control(
            "push",
            author="assistant",
            kind="emergency",
            text=payload,
            actions=[{"type": "call", "label": payload, "href": payload}],
        )
    expect(page.locator("ask-immune .card")).to_have_count(len(PAYLOADS))
    labels = page.locator("ask-immune .choices button").all_text_contents()
    assert [label for label in labels if label in PAYLOADS] == PAYLOADS
    check_log(page)
    assert not seen


def test_a_host_style_sheet_changes_nothing(page, desk):
    page.emulate_media(reduced_motion="reduce")

    def styles() -> list:
        open_chat(page, desk)
        page.mouse.move(0, 0)
        return page.evaluate(READ_STYLES, STYLES)

    plain = styles()
    desk.control("host", hostCss=HOSTILE_CSS)
    assert styles() == plain


def test_the_policy_is_as_strict_as_it_says(page, desk):
    visit(page, desk)
    assert (
        page.evaluate(
            "() => { try { document.createElement('p').innerHTML = 'x'; return 'allowed'; } catch { return 'refused'; } }"
        )
        == "refused"
    )
    page.evaluate("violations.length = 0")


CASES = [
    ("light", 1280, 800),
    ("dark", 1280, 800),
    ("forced", 1280, 800),
    ("light", 390, 844),
    ("dark", 320, 640),
    ("light", 320, 256),
]


@pytest.mark.parametrize(("look", "width", "height"), CASES)
def test_axe_finds_nothing_in_any_state(browser, desk, look, width, height):
    context = browser.new_context(
        viewport={"width": width, "height": height},
        reduced_motion="reduce",
        **({"forced_colors": "active"} if look == "forced" else {"color_scheme": look}),
    )
    page = context.new_page()
    findings: list[str] = []

    def state(name: str) -> None:
        overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if overflow > 0:
            findings.append(f"{name}: {overflow} px too wide")
        findings.extend(
            f"{name}: {found['id']} {[node['target'] for node in found['nodes']]}"
            for found in Axe().run(page).response["violations"]
        )

    visit(page, desk)
    state("closed")
    open_chat(page, desk)
    state("open")
    ask(page, "can stem cells cure lupus?")
    page.locator("ask-immune .answer").wait_for()
    for summary in page.locator("ask-immune .answer summary").all():
        summary.click()
    page.get_by_role("button", name="More", exact=True).click()
    state("answer")
    ask(page, "I have chest pain")
    page.locator("ask-immune .card").wait_for()
    state("emergency")
    desk.control(
        "push",
        author="assistant",
        kind="urgent",
        text="Phone your team **today**.",
        actions=[{"type": "call", "label": "Call 111", "href": "tel:111"}],
    )
    desk.control("frame", type="typing", author="assistant")
    page.locator("ask-immune .urgent").wait_for()
    state("urgent, typing")
    page.get_by_role("button", name="Options").click()
    state("options")
    page.keyboard.press("Escape")
    page.locator("ask-immune .composer .person").click()
    page.get_by_text("How can we reach you?").click()
    state("person")
    page.get_by_role("button", name="Share this chat").click()
    page.locator("ask-immune .composer").wait_for()
    state("waiting")
    desk.control("status", status="with_staff", staff_name="Sam")
    desk.control("push", author="staff", author_name="Sam", kind="text", text="Hello")
    page.locator("ask-immune .msg.staff").wait_for()
    state("with staff")
    desk.control("faults", down=True)
    desk.control("drop")
    page.get_by_label("Your question").fill("hello?")
    page.keyboard.press("Enter")
    page.locator("ask-immune .unsent").wait_for()
    state("failed")
    context.close()
    assert findings == []


@pytest.mark.parametrize(("width", "height"), [(320, 256), (320, 640), (390, 844), (768, 1024), (1280, 800)])
def test_the_field_stays_in_view_and_every_target_is_large(page, desk, width, height):
    page.set_viewport_size({"width": width, "height": height})
    open_chat(page, desk)
    ask(page, "can stem cells cure lupus?")
    ask(page, "I have chest pain")
    page.locator("ask-immune .card").wait_for()
    box = page.get_by_label("Your question").bounding_box()
    assert box["y"] >= 0 and box["y"] + box["height"] <= height and box["x"] >= 0 and box["x"] + box["width"] <= width
    assert page.locator("ask-immune .scroll").bounding_box()["height"] >= 90
    small = page.evaluate("""() => [...document.querySelector('ask-immune').shadowRoot.querySelectorAll('button, summary, .call, .calls a')]
        .map((node) => [node.textContent, node.getBoundingClientRect()]).filter(([, box]) => box.width && (box.height < 44 - 1 / 64 || box.width < 44 - 1 / 64)).map(([text]) => text)""")
    assert small == []


def test_text_spacing_and_large_text_cut_nothing(page, desk):
    open_chat(page, desk)
    ask(page, "can stem cells cure lupus?")
    page.evaluate("""() => { const sheet = new CSSStyleSheet(); sheet.replaceSync('* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important } .launcher, .panel { font-size: 32px !important }');
        const root = document.querySelector('ask-immune').shadowRoot; root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet]; }""")
    cut = page.evaluate("""() => [...document.querySelector('ask-immune').shadowRoot.querySelectorAll('.bubble, .bubble p, .words, .choices button, .sos, .head')]
        .filter((node) => node.offsetParent && node.scrollWidth > node.clientWidth + 1).map((node) => node.className || node.textContent)""")
    assert cut == []


def test_two_hundred_messages_come_back_quickly(page, desk):
    open_chat(page, desk)
    ask(page, "hello")
    for number in range(200):
        desk.control("push", author="assistant", kind="text", text=f"message {number}")
    page.reload()
    page.get_by_role("button", name="Ask a question").click()
    page.evaluate(
        "() => { window.longest = 0; new PerformanceObserver((list) => list.getEntries().forEach((entry) => longest = Math.max(longest, entry.duration))).observe({entryTypes: ['longtask']}); }"
    )
    page.get_by_text("message 199").wait_for()
    page.wait_for_timeout(100)
    assert page.evaluate("longest") < 400
    assert (
        json.loads(
            page.evaluate(
                "JSON.stringify([...document.querySelector('ask-immune').shadowRoot.querySelectorAll('.msg')].length)"
            )
        )
        == 203
    )
