"""Who may read: everybody without a trace, or those who hold the key."""

from __future__ import annotations

import hmac
from typing import Any

from jupyter_server.auth.decorator import allow_unauthenticated
from jupyter_server.auth.identity import IdentityProvider, User
from markupsafe import Markup
from tornado import web

from sozialanalyse.base import text
from sozialanalyse.serve.handlers import Handler

ANMELDEN = "/anmelden"


class Alle(IdentityProvider):
    """Everybody is the same nameless reader: no cookie, no identity, no authority."""

    token = ""

    def get_user(self, handler: web.RequestHandler) -> User:
        """Return the nameless reader."""
        return User("anonym")

    def get_handlers(self) -> list[tuple[str, object]]:
        """There is nothing to log in to."""
        return []


class MitSchluessel(IdentityProvider):
    """Readers show the key once, by link or form; a signed cookie remembers it for a day."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.cookie_options = {"samesite": "Lax", "expires_days": 1}
        self.get_secure_cookie_kwargs = {"max_age_days": 1}

    def generate_anonymous_user(self, handler: web.RequestHandler) -> User:
        """Readers are not told apart."""
        return User("leserin", "leserin", "leserin")

    def get_handlers(self) -> list[tuple[str, object]]:
        """The login page."""
        return [(ANMELDEN, Anmelden)]


class Anmelden(Handler):
    """Login with the key."""

    @allow_unauthenticated
    def get(self) -> None:
        """Show the form."""
        self.form("")

    @allow_unauthenticated
    def post(self) -> None:
        """Check the key."""
        provider = self.identity_provider
        given = self.get_body_argument("schluessel", "").strip()
        if not hmac.compare_digest(given.encode(), provider.token.encode()):
            self.set_status(401)
            self.form(text("serve.anmelden.falsch"))
            return
        provider.set_login_cookie(self, provider.generate_anonymous_user(self))
        self.redirect(self.target())

    def target(self) -> str:
        """Where the reader wanted to go; only addresses of this service."""
        wanted = self.get_argument("next", "/")
        safe = wanted.startswith("/") and not wanted.startswith("//") and "\\" not in wanted
        return wanted if safe else "/"

    def form(self, fehler: str) -> None:
        """Show the form, with a sentence if the key was wrong."""
        note = Markup('<p class="sa-hinweis sa-hinweis-warnung" role="alert">{}</p>').format(fehler)
        content = Markup(
            '<section class="sa sa-auswahl sv-seite"><h1>{}</h1><p>{}</p>{}<form method="post" action="{}">'
            '<input type="hidden" name="next" value="{}"><div class="sa-feld"><label for="schluessel">{}</label>'
            '<input id="schluessel" name="schluessel" type="password" required autocomplete="current-password">'
            '</div><button type="submit">{}</button></form></section>'
        ).format(
            text("serve.anmelden.titel"),
            text("serve.anmelden.hinweis"),
            note if fehler else "",
            ANMELDEN,
            self.target(),
            text("serve.anmelden.feld"),
            text("serve.anmelden.knopf"),
        )
        self.set_header("Cache-Control", "no-store")
        self.render_page(text("serve.anmelden.titel"), str(content))
