"""Django's description of this app; importing the checks registers them."""

from django.apps import AppConfig


class LibConfig(AppConfig):
    """Found by Django through INSTALLED_APPS."""

    name = "lib"

    def ready(self) -> None:
        """Called by Django once, at start."""
        from lib import checks  # noqa: F401
