"""Django's description of this app."""

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    """Found by Django through INSTALLED_APPS."""

    name = "console"
