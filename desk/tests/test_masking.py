"""What identifies a person is taken out before it is stored; readings and doses are not (P-2)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.models import Message
from privacy.masking import mask

MASKED = [
    ("call me on 415-555-2671", "phone", "2671"),
    ("my number is +44 20 7946 0958", "phone", "0958"),
    ("my number is 020 7946 0958", "phone", "0958"),
    ("write to jo.smith+x@mail.example", "email", "smith"),
    ("my ssn is 123-45-6789", "ssn", "6789"),
    ("nhs number 943 476 5919", "nhs", "5919"),
    ("card 4111 1111 1111 1111", "card", "1111"),
    ("i was born 12/03/1980", "birth", "1980"),
    ("DOB: 3 March 1980", "birth", "1980"),
    ("i live at 12 Oak Street", "address", "Oak"),
    ("my postcode is SW1A 1AA", "address", "1AA"),
    ("see https://portal.example/a?id=jo", "url", "id=jo"),
    ("my file is 1234567890123", "number", "890"),
]
KEPT = [
    "my blood pressure is 180/120 and oxygen 85",
    "my platelets are 150000",
    "i took 10 000 units",
    "i have had it since 2019-01-02",
    "ketones 1.5, glucose 54 mg",
    "see https://www.nih.gov/lupus",
    "is it 1 in 1000?",
]


@pytest.mark.parametrize(("text", "kind", "secret"), MASKED)
def test_it_is_taken_out(text, kind, secret):
    masked = mask(text)
    assert masked.kinds == (kind,)
    assert secret not in masked.text and "removed]" in masked.text


@pytest.mark.parametrize("text", KEPT)
def test_it_is_kept(text):
    assert mask(text).text == text


@given(st.text(max_size=300))
def test_no_text_breaks_it(text):
    assert isinstance(mask(text).text, str)


async def test_only_masked_words_are_stored_shown_and_sent_on(patient, rasa):
    answer = await patient.post("what is lupus? call me on 415-555-2671")
    echo, note, _ = answer.json()["messages"]
    assert echo["text"] == "what is lupus? call me on [phone number removed]"
    assert note["author"] == "system" and "phone number" in note["text"]
    assert "2671" not in rasa.asked[0]["text"]
    stored = [row async for row in Message.objects.values_list("text", "body", "client_hash")]
    assert "2671" not in str(stored)
