"""Nothing of the desk's stays in Rasa; developers' channels do not run in production."""

from __future__ import annotations

import pytest
from rasa.core.channels import console, rest
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import RasaException

from channels.developer import RestInput
from channels.tracker_store import DESK_PREFIX, ForgetfulTrackerStore


@pytest.mark.asyncio
@pytest.mark.parametrize(("sender", "kept"), [(DESK_PREFIX + "1", False), ("shell", True)])
async def test_only_developers_conversations_are_kept(sender, kept):
    store = ForgetfulTrackerStore(Domain.empty())
    await store.save(DialogueStateTracker.from_events(sender, [UserUttered("my secret illness")]))
    assert (await store.retrieve(sender) is not None) is kept
    assert ("secret" in str(store.store)) is kept


@pytest.mark.parametrize("channel", [RestInput, rest.RestInput, console.CmdlineInput])
def test_production_refuses_developers_channels(monkeypatch, channel):
    monkeypatch.setenv("ASKIMMUNE_MODE", "production")
    with pytest.raises(RasaException, match="developers"):
        channel.from_credentials({})


@pytest.mark.parametrize("channel", [RestInput, rest.RestInput, console.CmdlineInput])
def test_developers_may_use_them(monkeypatch, channel):
    monkeypatch.delenv("ASKIMMUNE_MODE", raising=False)
    assert channel.from_credentials({}) is not None
