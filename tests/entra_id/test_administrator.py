from urllib.parse import parse_qs

import httpx
import pytest

from tests.entra_id.administrator import Administrator
from tests.entra_id.browser import PageRefused
from tests.entra_id.member import Member

SIGN_IN = """<form id="sign-in-form" method="post">
    <input type="hidden" name="csrfmiddlewaretoken" value="secret">
    <input name="username"><input name="password" type="password">
    <input type="checkbox" name="remember" checked></form>"""
SAML = """<form id="saml-metadata-form" method="post" enctype="multipart/form-data">
    <input type="hidden" name="csrfmiddlewaretoken" value="secret">
    <textarea name="metadata_xml"></textarea><input type="file" name="metadata_file"></form>"""
PREVIEW = """<form id="saml-save-form" method="post" action="save/">
    <input type="hidden" name="csrfmiddlewaretoken" value="secret">
    <input type="hidden" name="draft" value="7"></form>"""
ENABLE = """<form id="enable-form" method="post">
    <input type="hidden" name="csrfmiddlewaretoken" value="secret">
    <input type="checkbox" name="accepted" value="1"><input type="checkbox" name="accepted"
     value="2"><input type="checkbox" name="subscribe"><button name="do" value="enable">有効化</button>
    </form>"""
CONNECTION = """<form id="issue-token-form" method="post"><input name="name"></form>"""
ASKED = """<form id="sign-in" method="post" action="/tenant/saml2?SAMLRequest=x">
    <select name="user"><option value="bob">Bob</option>
    <option value="alice">Alice</option></select></form>"""
ANSWER = """<form id="answer" method="post" action="/saml/acme/acs">
    <input type="hidden" name="SAMLResponse" value="signed">
    <input type="hidden" name="RelayState" value="token"></form>"""
MODE = """<form id="saml-mode-form" method="post"></form>"""
DOOR = """<a id="saml-sign-in" href="/saml/acme/login?next=x">Entra ID</a>"""
REFUSED = '<p role="alert">パスワードが違います。</p>'


class SmallPortal:
    """Pages of the contract between the portal and its robot, in memory."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []
        self.answers = {
            "/sign-in/": SIGN_IN,
            "/manage/security/login/": SAML,
            "/manage/sync/": ENABLE,
            "/manage/sync/connection/": CONNECTION,
            "/manage/security/login/test/start/": ASKED,
            "/manage/security/login/optional/": MODE,
            "/s/acme/": DOOR,
            "/saml/acme/login": ASKED,
        }
        self.answers_to_posts = {
            "/sign-in/": "<h1>概要</h1>",
            "/manage/security/login/": PREVIEW,
            "/manage/security/login/save/": "<h1>保存しました</h1>",
            "/manage/sync/": "<h1>有効</h1>",
            "/tenant/saml2": ANSWER,
            "/saml/acme/acs": '<div id="test-passed">passed</div>',
            "/manage/security/login/optional/": "<h1>任意</h1>",
            "/manage/sync/connection/": '<code id="issued-token"> cw_1234 </code>',
        }

    @property
    def form(self) -> dict[str, list[str]]:
        return parse_qs(self.requests[-1].content.decode(), keep_blank_values=True)

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answers = self.answers_to_posts if request.method == "POST" else self.answers
        page = answers.get(request.url.path)
        if page is None:
            return httpx.Response(404, html="<title>404</title>")
        return httpx.Response(200, html=f"<html><body>{page}</body></html>")


@pytest.fixture
def portal() -> SmallPortal:
    return SmallPortal()


@pytest.fixture
def administrator(portal: SmallPortal) -> Administrator:
    return Administrator(
        "https://admin.example", transport=httpx.MockTransport(portal.answer)
    )


def test_signing_in_sends_the_hidden_fields_too(
    portal: SmallPortal, administrator: Administrator
) -> None:
    administrator.sign_in("alice", "correct horse")

    assert portal.form == {
        "csrfmiddlewaretoken": ["secret"],
        "remember": ["on"],
        "username": ["alice"],
        "password": ["correct horse"],
    }
    assert portal.requests[-1].headers["referer"] == "https://admin.example/sign-in/"
    assert portal.requests[-1].headers["origin"] == "https://admin.example"


def test_a_refused_sign_in_says_what_the_page_says(
    portal: SmallPortal, administrator: Administrator
) -> None:
    portal.answers_to_posts["/sign-in/"] = REFUSED + SIGN_IN

    with pytest.raises(PageRefused, match="パスワードが違います。"):
        administrator.sign_in("alice", "wrong")


def test_pasted_metadata_is_saved_as_previewed(
    portal: SmallPortal, administrator: Administrator
) -> None:
    administrator.configure_saml(b"\xef\xbb\xbf<EntityDescriptor/>")

    assert b"metadata_xml=%3CEntityDescriptor" in portal.requests[1].content
    assert portal.requests[-1].url.path == "/manage/security/login/save/"
    assert portal.form["draft"] == ["7"]


def test_metadata_is_also_given_as_a_file(
    portal: SmallPortal, administrator: Administrator
) -> None:
    administrator.configure_saml(b"\xef\xbb\xbf<EntityDescriptor/>", as_file=True)

    upload = portal.requests[1]
    assert upload.headers["content-type"].startswith("multipart/form-data")
    assert b"\xef\xbb\xbf<EntityDescriptor/>" in upload.content
    assert b'name="csrfmiddlewaretoken"' in upload.content


def test_refused_metadata_is_an_error(
    portal: SmallPortal, administrator: Administrator
) -> None:
    portal.answers_to_posts["/manage/security/login/"] = (
        '<p role="alert">XMLではありません</p>'
    )

    with pytest.raises(PageRefused, match="XMLではありません"):
        administrator.configure_saml(b"nonsense")


def test_a_test_is_passed_by_who_is_chosen_at_entra_id(
    portal: SmallPortal, administrator: Administrator
) -> None:
    administrator.test_saml("alice")

    chosen = portal.requests[-2].content.decode()
    assert parse_qs(chosen) == {"user": ["alice"]}
    assert portal.form == {"SAMLResponse": ["signed"], "RelayState": ["token"]}


def test_a_test_that_fails_is_an_error(
    portal: SmallPortal, administrator: Administrator
) -> None:
    portal.answers_to_posts["/saml/acme/acs"] = '<p role="alert">失敗しました</p>'

    with pytest.raises(PageRefused, match="失敗しました"):
        administrator.test_saml("alice")


def test_switching_saml_on_confirms(
    portal: SmallPortal, administrator: Administrator
) -> None:
    administrator.switch_saml_on()

    assert portal.requests[-1].method == "POST"
    assert portal.requests[-1].url.path == "/manage/security/login/optional/"


def test_a_member_signs_in_at_the_door(portal: SmallPortal) -> None:
    transport = httpx.MockTransport(portal.answer)
    with Member("https://admin.example", transport=transport) as member:
        page = member.sign_in("acme", "bob")

    assert page.has("test-passed")
    assert [each.url.path for each in portal.requests] == [
        "/s/acme/",
        "/saml/acme/login",
        "/tenant/saml2",
        "/saml/acme/acs",
    ]


def test_without_an_answer_a_member_is_not_signed_in(portal: SmallPortal) -> None:
    portal.answers_to_posts["/tenant/saml2"] = '<p role="alert">AADSTS50105</p>'
    transport = httpx.MockTransport(portal.answer)

    with (
        Member("https://admin.example", transport=transport) as member,
        pytest.raises(PageRefused, match="AADSTS50105"),
    ):
        member.sign_in("acme", "bob")


def test_enabling_ticks_every_notice_and_nothing_else(
    portal: SmallPortal, administrator: Administrator
) -> None:
    administrator.enable_synchronization()

    assert portal.form["accepted"] == ["1", "2"]
    assert portal.form["do"] == ["enable"]
    assert "subscribe" not in portal.form


def test_synchronization_is_enabled_when_nothing_is_left_to_enable(
    portal: SmallPortal, administrator: Administrator
) -> None:
    before = administrator.is_enabled()
    portal.answers["/manage/sync/"] = "<h1>有効</h1>"

    assert (before, administrator.is_enabled()) == (False, True)


def test_a_token_is_read_from_the_page_that_shows_it(
    portal: SmallPortal, administrator: Administrator
) -> None:
    assert administrator.issue_token("Entra ID") == "cw_1234"
    assert portal.form == {"name": ["Entra ID"]}


def test_a_page_that_is_missing_is_an_error(
    portal: SmallPortal, administrator: Administrator
) -> None:
    del portal.answers["/manage/sync/"]

    with pytest.raises(PageRefused, match="404"):
        administrator.is_enabled()
