"""Who is what (P-6). A user without one of these groups sees nothing."""

from __future__ import annotations

from typing import Any

AGENT, LEAD, REVIEWER, ADMIN = "agent", "clinical_lead", "reviewer", "admin"
NAMES = {AGENT: "Agent", LEAD: "Clinical lead", REVIEWER: "Reviewer", ADMIN: "Administrator"}
ROLES = tuple(NAMES)
# Who answers patients, and so sees the queue and transcripts.
TEAM = frozenset({AGENT, LEAD})
# Who edits what patients are told about the clinic.
PROFILE_EDITORS = frozenset({ADMIN, LEAD})


def roles_of(user: Any) -> frozenset[str]:
    """The roles of a signed-in, active user; empty for anybody else. Being a superuser gives no role."""
    if not getattr(user, "is_authenticated", False) or not user.is_active:
        return frozenset()
    return frozenset(user.groups.filter(name__in=ROLES).values_list("name", flat=True))
