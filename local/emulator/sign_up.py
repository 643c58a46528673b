"""Registration: the pages of a user pool's domain for new users, and codes that are checked."""

import html
import json
import secrets

from ministack import app
from ministack.services import cognito
from request_scope import replace

# Registrations between their form and their code, by a token in the second form.
_open = {}


def confirmation_codes():
    """A new user gets a random code by mail, and no other code confirms the address. The emulator sends the same code to
    everybody and accepts any.

    https://docs.aws.amazon.com/cognito/latest/developerguide/signing-up-users-in-your-app.html
    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ConfirmSignUp.html
    """

    def build_mail(original):
        def send(pool, username, attributes, code, attribute_name="email"):
            if attribute_name == "email":
                user, _ = cognito._resolve_user(pool, username)
                code = f"{secrets.randbelow(1_000_000):06}"
                user["_confirmation_code"] = code
            return original(pool, username, attributes, code, attribute_name)

        return send

    def build_confirm(original):
        def confirm(data):
            return cognito._confirmation_code_error("ConfirmSignUp", data) or original(data)

        return confirm

    replace(cognito, "_send_verification_email", build_mail)
    replace(cognito, "_confirm_sign_up", build_confirm)


def administrators_only():
    """Where only administrators create users, SignUp is refused. The emulator ignores the setting.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminCreateUserConfigType.html
    """

    def build(original):
        def sign_up(data):
            _, pool, _ = cognito._find_pool_by_client_id(data.get("ClientId"))
            if pool and (pool.get("AdminCreateUserConfig") or {}).get("AllowAdminCreateUserOnly"):
                message = "SignUp is not permitted for this user pool"
                return cognito.error_response_json("NotAuthorizedException", message, 400)
            return original(data)

        return sign_up

    replace(cognito, "_sign_up", build)


def sign_up_pages():
    """GET /signup with the parameters of the authorization endpoint shows the form for new users; the code that is mailed
    to them confirms the address and ends at the callback with an authorization code. The emulator's domain has only the
    pages that sign in.

    https://docs.aws.amazon.com/cognito/latest/developerguide/managed-login-endpoints.html
    """

    def build(original):
        async def handle(method, path, headers, body, query_params):
            if (method, path) == ("GET", "/signup"):
                return _show_form(headers, query_params)
            if (method, path) in (("POST", "/signup"), ("POST", "/confirm")):
                form = {name: values[0] for name, values in cognito.parse_qs(body.decode()).items()}
                return _register(form) if path == "/signup" else _confirm(form)
            return await original(method, path, headers, body, query_params)

        return handle

    replace(app, "_handle_cognito_body_request", build)


def _show_form(headers, query_params):
    # whatever the authorization endpoint refuses is refused here
    status, *rest = cognito.handle_oauth2_authorize("GET", "/signup", headers, query_params)
    if status != 200:
        return status, *rest
    names = cognito._extract_oauth_form_params({})
    return _form_page({name: cognito._qp(query_params, name) for name in names})


def _register(form):
    oauth = cognito._extract_oauth_form_params(form)
    email = form.get("email", "")
    _, pool, _ = cognito._find_pool_by_client_id(oauth["client_id"])
    if not pool:
        return _page("Sign up", "", "This application is not known.", 400)
    user = {
        "ClientId": oauth["client_id"],
        "Username": email,
        "Password": form.get("password", ""),
        "UserAttributes": [{"Name": "email", "Value": email}],
    }
    status, _, body = cognito._sign_up(user)
    if status != 200:
        return _form_page(oauth, email, json.loads(body)["message"])
    token = secrets.token_urlsafe(24)
    _open[token] = {"oauth": oauth, "email": email}
    return _code_page(token, email)


def _confirm(form):
    token = form.get("token", "")
    found = _open.get(token)
    if found is None:
        return _page("Confirm", "", "This registration has ended. Please start again.", 400)
    oauth, email = found["oauth"], found["email"]
    pool_id, pool, _ = cognito._find_pool_by_client_id(oauth["client_id"])
    code = {"ClientId": oauth["client_id"], "Username": email, "ConfirmationCode": form.get("code", "")}
    status, _, body = cognito._confirm_sign_up(code)
    if status != 200:
        return _code_page(token, email, json.loads(body)["message"])
    del _open[token]
    user, _ = cognito._resolve_user(pool, email)
    return cognito._issue_auth_code_redirect(
        oauth["client_id"],
        pool_id,
        oauth["redirect_uri"],
        oauth["scope"],
        user["Username"],
        oauth["nonce"],
        oauth["code_challenge"],
        oauth["code_challenge_method"],
        oauth["state"],
    )


def _form_page(oauth, email="", error=""):
    hidden = "".join(_hidden(name, value) for name, value in oauth.items())
    fields = f"""<form method="POST" action="/signup">{hidden}
<label for="email">Email</label>
<input type="text" id="email" name="email" value="{html.escape(email)}" autocomplete="email" required autofocus>
<label for="password">Password</label>
<input type="password" id="password" name="password" autocomplete="new-password" required>
<button type="submit">Sign up</button>
</form>"""
    return _page("Sign up", fields, error)


def _code_page(token, email, error=""):
    fields = f"""<form method="POST" action="/confirm">{_hidden("token", token)}
<label for="code">Code that was sent to {html.escape(email)}</label>
<input type="text" id="code" name="code" inputmode="numeric" autocomplete="one-time-code" required autofocus>
<button type="submit">Confirm account</button>
</form>"""
    return _page("Confirm your account", fields, error)


def _hidden(name, value):
    return f'<input type="hidden" name="{name}" value="{html.escape(value)}">'


def _page(title, fields, error="", status=200):
    shown = f'<div class="error" role="alert">{html.escape(error)}</div>' if error else ""
    page = cognito._page_shell(title, title, shown + fields)
    return status, {"Content-Type": "text/html; charset=utf-8"}, page.encode()
