"""What a patient gets from the whole system over the public API: understanding, context, people."""


def test_a_follow_up_keeps_the_condition(patient):
    first = patient.say("can stem cells cure lupus?")
    assert [answer["answer_id"] for answer in first["answers"]] == ["lupus.stem_cell_evidence"]
    second = patient.say("what are its symptoms?")
    assert [answer["answer_id"] for answer in second["answers"]] == ["lupus.symptoms"]


def test_an_answer_about_stem_cells_carries_evidence_caveat_and_sources(patient):
    answer = patient.say("can stem cells cure lupus?")["answers"][0]
    assert answer["evidence"]["label"]
    assert answer["caveats"][0]["caveat_id"] == "unproven_cells" and answer["caveats"][0]["position"] == "above"
    assert len(answer["sources"]) >= 2
    assert answer["signed_off"] is False


def test_a_missing_condition_is_asked_for_and_the_choice_answers(patient):
    question = patient.say("what are the symptoms?")
    assert question["kind"] == "clarify" and len(question["choices"]) >= 3
    choice = next(choice for choice in question["choices"] if "lupus" in choice["label"].lower())
    answer = patient.choose(choice["choice_id"])
    assert [item["answer_id"] for item in answer["answers"]] == ["lupus.symptoms"]


def test_two_conditions_in_one_question_are_both_answered(patient):
    reply = patient.say("what is lupus and what is multiple sclerosis?")
    assert [item["answer_id"] for item in reply["answers"]] == ["lupus.definition", "multiple_sclerosis.definition"]


def test_a_pair_without_an_answer_is_said_to_have_none(patient):
    reply = patient.say("which vaccines are fine with vitiligo?")
    assert reply["answers"] == [] and reply["kind"] == "fallback"
    assert "vitiligo" in reply["text"].lower() and reply["choices"]


def test_a_personal_question_is_pointed_to_a_clinician(patient):
    reply = patient.say("should i stop taking my methotrexate?")
    assert reply["kind"] == "clinician"
    assert any(caveat["caveat_id"] == "keep_medicines" for caveat in reply["caveats"])


def test_something_else_altogether_is_out_of_scope(patient):
    reply = patient.say("who won the football last night")
    assert reply["kind"] in {"out_of_scope", "fallback"} and reply["answers"] == []


def test_a_clinic_question_is_answered_from_the_profile(patient):
    reply = patient.say("when are you open?")
    assert [item["answer_id"] for item in reply["answers"]] == ["clinic.hours"]


def test_an_emergency_gets_the_number_first_and_stays_above_everything(patient):
    card = patient.say("i have crushing chest pain")
    assert card["kind"] == "emergency"
    assert "911" in card["text"].splitlines()[0]
    assert {"type": "call", "href": "tel:911"}.items() <= card["actions"][0].items()


def test_the_same_client_id_is_answered_as_before(patient):
    client_id = "6f1b1d0e-4a4e-4d0e-9a57-0d6a3a1f6a01"
    first, second = patient.post("what is lupus?", client_id), patient.post("what is lupus?", client_id)
    assert first.json()["messages"] == second.json()["messages"]
    assert patient.post("what is psoriasis?", client_id).status_code == 409
