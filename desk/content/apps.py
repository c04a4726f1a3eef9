"""Django's description of this app."""

from django.apps import AppConfig


class ContentConfig(AppConfig):
    """Found by Django through INSTALLED_APPS."""

    name = "content"
