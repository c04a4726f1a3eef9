"""Addresses of the pages. The public API's (`api/urls.py`) are served without cookies or sessions (`asgi.py`)."""

from django.urls import include, path
from django.views.generic import RedirectView

from api import pages

urlpatterns = [
    path("", RedirectView.as_view(url="/demo/")),
    path("demo/", pages.demo, name="demo"),
    path("chat/", pages.chat, name="chat"),
    path("widget.js", pages.widget_script, name="widget"),
    path("widget/<str:version>/<str:name>", pages.widget_file, name="widget_file"),
    path("api/v1/", include("api.urls")),
    path("staff/", include("console.urls")),
]
