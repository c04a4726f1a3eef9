"""The desk's own short lines. Nothing clinical stands here: that comes from knowledge/ and safety/ by id."""

GREETING = (
    "Hello. I am an automated assistant, a computer program and not a person. I can share general information about "
    "autoimmune conditions and stem-cell therapy from checked sources. I cannot diagnose or give advice about you."
)
DEMONSTRATION = "Demonstration content, not yet signed off by a clinician"
HELD = (
    "Our clinic's team has not yet signed off the answers of this assistant, so I cannot show them. "
    "A person on our team can help."
)
WITHDRAWN = "The answer to that is being reviewed, so I cannot show it now. A person on our team can help."
ASSISTANT_DOWN = "I am sorry, I cannot answer right now because of a fault on our side. A person on our team can help."
ADDED_FOR_TEAM = "Your message was added for our team."
BACK_TO_ASSISTANT = "You are back with the assistant, which is a computer program. What would you like to know?"
STAY = "All right. You can ask me another question at any time."
ASK_TO_SHARE = (
    "A person on our team can reply here. To do that, the staff of our clinic need to read this whole chat. "
    "May we share it with them?"
)
SHARED = "The staff of our clinic can now read this chat."
NO_LONGER_SHARED = "The staff of our clinic can no longer read this chat."
SHARED_FOR_SAFETY = "Because this may be urgent, the staff of our clinic can now read this chat."
NOBODY_ONLINE = "No one from our team is online now. Do not wait for a reply here."
MAY_LEAVE = "You can leave this page and come back: the reply will be here."
CLEARED = "You said that this is not an emergency. If that changes, do not wait."
CONSENT = (
    "This chat gives general information and is not a medical service. "
    "Please do not share names, addresses or numbers. "
    "What you write is kept for up to 30 days. Staff read it only if you agree, or at once if you may be in danger."
)
CONSENT_VERSION = "2026-11"
TALK_TO_PERSON = "Talk to a person on our team"
SHARE_CHOICE = "Yes, share this chat with the team"
STAY_CHOICE = "No, stay with the assistant"
ASSISTANT_INSTEAD = "Ask the assistant instead"
ASSISTANT_NAME = "Assistant"
