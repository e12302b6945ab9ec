"""Forms of channels: an address as Apprise has it, or the parts of one as each service shows them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final
from urllib.parse import quote, urlsplit

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_variables

from orders.models import Channel
from orders.notifications import channels as notifications_channels

if TYPE_CHECKING:
    from collections.abc import Mapping

    ChannelModelForm = forms.ModelForm[Channel]
else:
    ChannelModelForm = forms.ModelForm


class ChannelForm(ChannelModelForm):
    """A channel as administrators enter it."""

    new_url = forms.CharField(
        label=gettext_lazy("address"),
        max_length=notifications_channels.LONGEST_URL,
        required=False,
        widget=forms.PasswordInput(render_value=False, attrs={"autocomplete": "new-password", "class": "vTextField"}),
        help_text=gettext_lazy(
            "An Apprise URL, such as "
            "mailtos://user:password@smtp.example.com?from=hub@example.com&to={email} or "
            "tgram://token/chat. {email} stands for each person’s own address. Stored encrypted and "
            "never shown again."
        ),
    )

    class Meta:
        model = Channel
        fields: ClassVar = ["name", "is_active"]

    parts: ClassVar[tuple[str, ...]] = ()
    """The fields that the address is made of; none: it is typed whole."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        is_new = self.instance._state.adding
        if self.parts:
            del self.fields["new_url"]
        for name in self.parts or ("new_url",):
            self.fields[name].required = is_new

    def build(self, given: Mapping[str, Any]) -> str:
        """Return the address that these values make, where it is not typed whole."""
        raise NotImplementedError

    @sensitive_variables("url")
    def clean_new_url(self) -> str:
        """Return an address that leads somewhere by an encrypted way."""
        url = str(self.cleaned_data["new_url"]).strip()
        if url and (fault := notifications_channels.find_fault(url)):
            raise forms.ValidationError(fault)
        return url

    @sensitive_variables("url")
    def clean(self) -> dict[str, Any]:
        """Put the address together from its parts; a channel that is there keeps its own where none was typed."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.parts:
            return cleaned
        cleaned["new_url"] = ""
        missing = [name for name in self.parts if not cleaned.get(name)]
        if len(missing) == len(self.parts) or self.errors:
            return cleaned
        for name in missing:
            self.add_error(name, _("Enter all of it again: nothing of the stored address is shown."))
        if not missing:
            url = self.build(cleaned)
            if fault := notifications_channels.find_fault(url):
                raise forms.ValidationError(fault)
            cleaned["new_url"] = url
        return cleaned

    @sensitive_variables("url")
    def save(self, commit: bool = True) -> Channel:  # noqa: FBT001, FBT002 - Django's signature
        url = self.cleaned_data["new_url"]
        if url:
            self.instance.url = url
            self.instance.is_personal = notifications_channels.is_personal(url)
        return super().save(commit)


def _secret(label: Any, help_text: Any = "") -> forms.CharField:
    # What was typed is never sent back.
    widget = forms.PasswordInput(render_value=False, attrs={"autocomplete": "new-password"})
    return forms.CharField(label=label, max_length=500, help_text=help_text, widget=widget)


class MailForm(ChannelForm):
    """A mail server that reaches each person at their own address, or one address."""

    host = forms.RegexField(r"^[A-Za-z0-9.-]{1,200}$", label=gettext_lazy("Mail server"), help_text="smtp.example.com")
    port = forms.TypedChoiceField(
        label=gettext_lazy("Port"), coerce=int, choices=[(587, "587 (STARTTLS)"), (465, "465 (TLS)")]
    )
    user = forms.CharField(label=gettext_lazy("Username"), max_length=200)
    password = _secret(gettext_lazy("Password"))
    sender = forms.EmailField(label=gettext_lazy("From"))
    to = forms.EmailField(
        label=gettext_lazy("To"),
        required=False,
        help_text=gettext_lazy("Leave empty to reach each person at their own address."),
    )
    parts = ("host", "user", "password", "sender")

    def build(self, given: Mapping[str, Any]) -> str:
        """Return the address of the mail server."""
        mode = "ssl" if given["port"] == 465 else "starttls"
        login = f"{_part(given['user'])}:{_part(given['password'])}@{_part(given['host'])}:{given['port']}"
        to = _part(given["to"]) if given.get("to") else notifications_channels.EMAIL
        return f"mailtos://{login}?from={_part(given['sender'])}&mode={mode}&to={to}"


class TelegramForm(ChannelForm):
    """A bot that writes to a chat."""

    token = _secret(gettext_lazy("Bot token"), gettext_lazy("From @BotFather, such as 123456789:AAE…"))
    chat = forms.RegexField(
        r"^(-?[0-9]{1,20}|@[A-Za-z0-9_]{4,40})$",
        label=gettext_lazy("Chat ID"),
        help_text=gettext_lazy("A number such as -1001234567890, or @channelname. Add the bot to the chat first."),
    )
    parts = ("token", "chat")

    def build(self, given: Mapping[str, Any]) -> str:
        """Return the address of the chat."""
        return f"tgram://{quote(given['token'], safe=':')}/{quote(given['chat'], safe='@')}"


class SlackForm(ChannelForm):
    """An incoming webhook of Slack."""

    webhook = _secret(gettext_lazy("Webhook URL"), "https://hooks.slack.com/services/…")
    parts = ("webhook",)

    def build(self, given: Mapping[str, Any]) -> str:
        """Return the address of the webhook."""
        return "slack://" + _tokens(given["webhook"], {"hooks.slack.com"}, r"/services/(\w+)/(\w+)/(\w+)")


class DiscordForm(ChannelForm):
    """A webhook of Discord."""

    webhook = _secret(gettext_lazy("Webhook URL"), "https://discord.com/api/webhooks/…")
    parts = ("webhook",)

    def build(self, given: Mapping[str, Any]) -> str:
        """Return the address of the webhook."""
        hosts = {"discord.com", "discordapp.com"}
        return "discord://" + _tokens(given["webhook"], hosts, r"/api/webhooks/([0-9]+)/([\w-]+)")


@dataclass(frozen=True, slots=True)
class Way:
    """A way out that has a form of its own."""

    slug: str
    label: Any
    icon: str
    about: Any
    form: type[ChannelForm]
    schemes: frozenset[str]


EXPERT: Final = Way("other", gettext_lazy("Other"), "link", gettext_lazy("By an Apprise URL"), ChannelForm, frozenset())
WAYS: Final = (
    Way(
        *("email", gettext_lazy("Email"), "envelope", gettext_lazy("Each person at their own address")),
        *(MailForm, notifications_channels.MAIL),
    ),
    Way(
        *("telegram", "Telegram", "paper-airplane", gettext_lazy("A bot writes to a chat")),
        *(TelegramForm, frozenset({"tgram"})),
    ),
    Way("slack", "Slack", "hashtag", gettext_lazy("A webhook posts to a channel"), SlackForm, frozenset({"slack"})),
    Way(
        *("discord", "Discord", "chat-bubble-left", gettext_lazy("A webhook posts to a channel")),
        *(DiscordForm, frozenset({"discord"})),
    ),
    EXPERT,
)
BY_SLUG: Final = {way.slug: way for way in WAYS}


def way_of(url: str) -> Way:
    """Return the way whose form an address comes from; the expert's for any other."""
    scheme = url.partition("://")[0].lower()
    return next((way for way in WAYS if scheme in way.schemes), EXPERT)


def _part(text: str) -> str:
    return quote(str(text), safe="")


def _tokens(url: str, hosts: set[str], pattern: str) -> str:
    """Return the tokens of a webhook, joined by slashes; raises ``ValidationError`` for another address."""
    address = urlsplit(url.strip())
    found = re.fullmatch(pattern, address.path.rstrip("/"), re.ASCII)
    if address.scheme != "https" or address.netloc not in hosts or found is None:
        raise forms.ValidationError(_("Paste the whole webhook URL, as the service shows it."))
    return "/".join(found.groups())
