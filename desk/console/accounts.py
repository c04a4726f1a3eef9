"""Signing in and out, and changing one's password. The lockout after five failures is django-axes' (X-8)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth import views as auth
from django.http import HttpRequest, HttpResponse
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.views.decorators.cache import cache_control

from console.access import for_roles


@method_decorator(cache_control(no_store=True), name="dispatch")
class SignIn(auth.LoginView):
    """GET and POST /staff/login/"""

    template_name = "console/login.html"
    redirect_authenticated_user = False


class ChangePassword(auth.PasswordChangeView):
    """GET and POST /staff/password/: for every account with a role; other sessions of the account end."""

    template_name = "console/password.html"
    success_url = reverse_lazy("console:queue")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Called by Django for every request."""
        guarded = for_roles()(lambda inner: super(ChangePassword, self).dispatch(inner, *args, **kwargs))
        return guarded(request)

    def form_valid(self, form: Any) -> HttpResponse:
        """Called once the new password is good."""
        messages.success(self.request, "Your password was changed.")
        return super().form_valid(form)
