"""Django's description of this app."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """Found by Django through INSTALLED_APPS."""

    name = "api"
