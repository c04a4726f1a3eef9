"""Makes a staff account: `python manage.py create_staff --username nina --name "Nina Ward" --role agent`.

The password is asked for, or taken from ASKIMMUNE_STAFF_PASSWORD where that is set.
"""

from __future__ import annotations

import os
from argparse import ArgumentParser
from getpass import getpass
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from console.roles import ROLES, give_role

PASSWORD_VARIABLE = "ASKIMMUNE_STAFF_PASSWORD"


def _read_password() -> str:
    if given := os.environ.get(PASSWORD_VARIABLE):
        return given
    try:
        password = getpass("Password: ")
        again = getpass("Password again: ")
    except EOFError:
        raise CommandError(f"There is no terminal to ask for the password: set {PASSWORD_VARIABLE}.") from None
    if password != again:
        raise CommandError("The two passwords are not the same.")
    return password


class Command(BaseCommand):
    """Asks for the password twice; it never stands on the command line, where others could read it."""

    help = "Makes a staff account with one role."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Called by Django."""
        parser.add_argument("--username", required=True)
        parser.add_argument("--name", default="", help="the name that patients read; the username if it is not given")
        parser.add_argument("--role", required=True, choices=ROLES)

    def handle(self, *args: Any, **options: Any) -> None:
        """Called by Django.

        Raises:
            CommandError: the name is taken, nobody can be asked for the password, or it is weak or was not repeated.
        """
        users = get_user_model()
        if users.objects.filter(username__iexact=options["username"]).exists():
            raise CommandError(f"There is an account “{options['username']}” already. Nothing was changed.")
        first, _, last = options["name"].strip().partition(" ")
        user = users(username=options["username"], first_name=first, last_name=last)
        password = _read_password()
        try:
            user.full_clean(exclude=["password"])
            validate_password(password, user)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        user.set_password(password)
        with transaction.atomic():
            user.save()
            give_role(user, options["role"])
        self.stdout.write(f"Made {options['username']} ({options['role']}). Sign in at /staff/.")
