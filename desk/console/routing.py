"""Addresses of the staff's socket."""

from django.urls import re_path

from console.consumers import StaffSocket

websocket_urlpatterns = [re_path(r"^ws/v1/staff$", StaffSocket.as_asgi())]
