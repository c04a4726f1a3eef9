"""Django's description of this app."""

from django.apps import AppConfig


class ConversationsConfig(AppConfig):
    """Found by Django through INSTALLED_APPS."""

    name = "conversations"
