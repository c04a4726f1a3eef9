"""Django's description of this app."""

from django.apps import AppConfig


class LibConfig(AppConfig):
    """Found by Django through INSTALLED_APPS."""

    name = "lib"
