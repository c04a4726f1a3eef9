"""`manage.py worker`: the process that keeps the clocks."""

from typing import Any

from django.core.management.base import BaseCommand

from conversations.worker import Worker


class Command(BaseCommand):
    """Runs until it is ended."""

    help = "Keeps the clocks of tickets, replays the spool, sends mail."

    def handle(self, *args: Any, **options: Any) -> None:
        """Called by manage.py."""
        Worker().run()
