"""The pages around the widget: everything stands in a landmark, and without JavaScript there is still a number."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

LANDMARKS = {"header", "main"}


class Outline(HTMLParser):
    """Collects the words of the body that stand in no landmark, and those of noscript."""

    def __init__(self) -> None:
        super().__init__()
        self.path: list[str] = []
        self.outside: list[str] = []
        self.noscript = ""

    def handle_starttag(self, tag, attrs):
        if tag not in ("meta", "link", "br"):
            self.path.append(tag)

    def handle_endtag(self, tag):
        assert self.path.pop() == tag

    def handle_data(self, data):
        if "body" in self.path and data.strip() and not LANDMARKS & set(self.path):
            self.outside.append(data)
        if "noscript" in self.path:
            self.noscript += data


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/demo/", "/chat/"])
def test_every_word_stands_in_a_landmark_and_the_number_needs_no_script(client, path):
    page = client.get(path).content.decode()
    outline = Outline()
    outline.feed(page)
    assert outline.outside == []
    assert "911" in outline.noscript and "JavaScript" in outline.noscript
    assert page.count("<h1") == page.count("<main") == 1
    assert "Demonstration content, not yet signed off by a clinician" in page


@pytest.mark.django_db
def test_the_demo_page_marks_its_telephone_as_a_demonstration(client):
    page = client.get("/demo/").content.decode()
    assert "+1 202-555-0100</a> (a demonstration number that nobody answers)" in page
