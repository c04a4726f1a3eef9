"""Addresses under /staff/."""

from django.contrib.auth import views as auth
from django.urls import path, reverse_lazy

from clinic.views import profile
from console import accounts, views
from console.roles import ROLES, role_required

app_name = "console"
_change = role_required(*ROLES)(
    auth.PasswordChangeView.as_view(
        template_name="console/password.html", success_url=reverse_lazy("console:password_done")
    )
)
_changed = role_required(*ROLES)(auth.PasswordChangeDoneView.as_view(template_name="console/password_done.html"))

urlpatterns = [
    path("", views.home, name="home"),
    path("login/", auth.LoginView.as_view(template_name="console/login.html"), name="login"),
    path("logout/", auth.LogoutView.as_view(), name="logout"),
    path("password/", _change, name="password"),
    path("password/done/", _changed, name="password_done"),
    path("accounts/", accounts.accounts, name="accounts"),
    path("accounts/<int:user_id>/", accounts.change_account, name="account"),
    path("clinic/", profile, name="clinic"),
    path("queue.json", views.queue_json, name="queue_json"),
    path("conversations/<str:conversation_id>/", views.conversation, name="conversation"),
    path("conversations/<str:conversation_id>/messages.json", views.messages_json, name="messages_json"),
    path("conversations/<str:conversation_id>/claim/", views.claim, name="claim"),
    path("conversations/<str:conversation_id>/reply/", views.reply, name="reply"),
    path("conversations/<str:conversation_id>/release/", views.release, name="release"),
    path("conversations/<str:conversation_id>/give-back/", views.give_back, name="give_back"),
    path("conversations/<str:conversation_id>/close/", views.close, name="close"),
]
