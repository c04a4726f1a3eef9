"""The page of the clinic's profile."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from clinic.forms import HOURS_HELP, ClinicProfileForm
from clinic.selectors import get_profile
from console.roles import EDITS_CLINIC, role_required


@require_http_methods(["GET", "POST"])
@role_required(*EDITS_CLINIC)
def profile(request: Any) -> HttpResponse:
    """GET, POST /staff/clinic/: for clinical leads and admins."""
    current = get_profile()
    demonstration = current.demonstration
    form = ClinicProfileForm(request.POST or None, instance=current)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "Saved. Patients see these details from now on.")
        return redirect("console:clinic")
    context = {"form": form, "demonstration": demonstration, "hours_help": HOURS_HELP}
    return render(request, "clinic/profile.html", context, status=400 if form.errors else 200)
