"""`manage.py create_staff`: the way to the first account, and to every later one."""

from __future__ import annotations

import getpass
import os
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from console.roles import ROLES

PASSWORD_VARIABLE = "ASKIMMUNE_STAFF_PASSWORD"


class Command(BaseCommand):
    """Creates one staff account with one role."""

    help = f"Creates a staff account. The password is asked for, or taken from {PASSWORD_VARIABLE}."

    def add_arguments(self, parser: CommandParser) -> None:
        """Called by manage.py."""
        parser.add_argument("--username", required=True, help="name to sign in with")
        parser.add_argument("--role", required=True, choices=ROLES)
        parser.add_argument("--name", default="", help="name that patients read, like “Nina Ward”")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        """Called by manage.py.

        Raises:
            CommandError: the name is taken or not allowed, or the password is weak.
        """
        users = get_user_model()
        if users.objects.filter(username__iexact=options["username"]).exists():
            raise CommandError(f"There is a user “{options['username']}” already. Nothing was changed.")
        first, _, last = options["name"].strip().partition(" ")
        user = users(username=options["username"], first_name=first, last_name=last)
        password = _password()
        try:
            user.full_clean(exclude=["password"])
            validate_password(password, user)
        except ValidationError as error:
            raise CommandError("\n".join(error.messages)) from error
        user.set_password(password)
        user.save()
        user.groups.add(Group.objects.get(name=options["role"]))
        self.stdout.write(f"{user.username} can sign in at /staff/ as {options['role']}.")


def _password() -> str:
    given = os.environ.get(PASSWORD_VARIABLE)
    if given is not None:
        return given
    password = getpass.getpass("Password: ")
    if password != getpass.getpass("Password again: "):
        raise CommandError("The two passwords differ.")
    return password
