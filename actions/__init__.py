"""The action server: what the assistant does in answer to an understood message. One module per flow."""

from actions.server import register

register()
