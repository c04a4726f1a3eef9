"""The clinic's profile: what patients are told about the clinic, edited by a lead or an administrator."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from clinic.forms import ClinicProfileForm
from clinic.selectors import get_profile
from console.access import for_roles
from console.roles import ADMIN, LEAD
from tickets.hours import describe


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(ADMIN, LEAD)
def clinic(request: HttpRequest) -> HttpResponse:
    """GET and POST /staff/clinic/"""
    profile = get_profile()
    demonstration, hours = profile.demonstration, describe(profile.opening_hours).replace("- ", "").splitlines()
    form = ClinicProfileForm(request.POST or None, instance=profile)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "The clinic’s profile was saved. Patients are told these values from now on.")
        return redirect("console:clinic")
    status = 400 if form.is_bound else 200
    context = {"form": form, "demonstration": demonstration, "hours": hours}
    return render(request, "console/clinic.html", context, status=status)
