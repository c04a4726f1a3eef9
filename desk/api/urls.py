"""Addresses of the public API, under /api/v1/."""

from django.urls import path, re_path

from api import public, views

C = r"conversations/(?P<conversation_id>[A-Za-z0-9_\-]{1,64})"

urlpatterns = [
    path("config", public.config),
    path("health/live", public.live),
    path("health/ready", public.ready),
    path("conversations", views.conversations),
    re_path(rf"^{C}$", views.conversation),
    re_path(rf"^{C}/messages$", views.messages),
    re_path(rf"^{C}/messages/(?P<seq>\d{{1,9}})/feedback$", views.feedback),
    re_path(rf"^{C}/escalation$", views.escalation),
    re_path(rf"^{C}/clearance$", views.clearance),
    re_path(rf"^{C}/seen$", views.seen),
    re_path(rf"^{C}/keepalive$", views.keepalive),
    re_path(rf"^{C}/transcript$", views.transcript),
    re_path(r"^(?P<rest>.*)$", views.nothing),
]
