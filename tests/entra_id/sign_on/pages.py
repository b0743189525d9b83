"""The pages between an application and its answer. They work without JavaScript."""

from collections.abc import Iterable
from html import escape

from tests.entra_id.directory import User
from tests.entra_id.saml_failures import SamlFailure
from tests.entra_id.sign_on.applications import EnterpriseApplication
from tests.entra_id.sign_on.tenant import Posted

_SENDS_ITSELF = "<script>document.forms[0].submit()</script>"


def sign_in_page(users: Iterable[User], chosen: str, query: str) -> str:
    """Ask who is there. Nobody has a password here: everybody may be anybody."""
    options = "".join(
        f'<option value="{escape(user.user_principal_name)}"'
        f"{' selected' if user.user_principal_name == chosen else ''}>"
        f"{escape(user.display_name)} ({escape(user.user_principal_name)})</option>"
        for user in users
    )
    return _page(
        "Sign in",
        f'<form id="sign-in" method="post" action="?{escape(query)}">'
        f'<p><label for="user">Who are you?</label> <select id="user" name="user">'
        f'{options}</select></p><p><button id="continue">Sign in</button></p></form>',
    )


def answer_page(posted: Posted) -> str:
    """Bring an answer to the application, by itself or by a button."""
    fields = "".join(
        f'<input type="hidden" name="{name}" value="{escape(value)}">'
        for name, value in posted.fields.items()
    )
    return _page(
        "Working...",
        f'<form id="answer" method="post" action="{escape(posted.url)}">{fields}'
        f'<p><button id="continue">Continue</button></p></form>{_SENDS_ITSELF}',
    )


def error_page(failure: SamlFailure) -> str:
    text = escape(failure.message)
    return _page("Sorry, but we are having trouble", f'<p role="alert">{text}</p>')


def my_apps_page(
    user: User | None, applications: Iterable[EnterpriseApplication]
) -> str:
    """List the applications, each with the way Entra starts it."""
    items = "".join(
        f'<li><a href="{escape(each.sign_on_url or f"start?application={each.entity_id}")}">'
        f"{escape(each.entity_id)}</a></li>"
        for each in applications
    )
    who = f"Signed in as {escape(user.user_principal_name)}" if user else "Signed out"
    form = '<form method="post" action="sign-out"><button id="sign-out">Sign out</button></form>'
    return _page(
        "My Apps", f'<p id="who">{who}</p><ul>{items}</ul>{form if user else ""}'
    )


def signed_out_page() -> str:
    return _page("Signed out", '<p id="signed-out">You have signed out.</p>')


def _page(title: str, content: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{title}</title></head><body><main><h1>{title}</h1>{content}</main>"
        "</body></html>"
    )
