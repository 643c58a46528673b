"""Endpoints of a user pool's domain that the emulator's Cognito does not have."""

import json

from ministack import app
from ministack.services import cognito
from request_scope import replace

_PATH = "/oauth2/revoke"


def revocation_endpoint():
    """POST /oauth2/revoke ends a refresh token and what was derived from it, and the discovery document names it. The
    emulator has the API call RevokeToken only.

    https://docs.aws.amazon.com/cognito/latest/developerguide/revocation-endpoint.html
    """

    def build_routes(original):
        async def handle(method, path, headers, body, query_params):
            if path == _PATH and method == "POST":
                return _revoke(headers, body)
            return await original(method, path, headers, body, query_params)

        return handle

    def build_discovery(original):
        def document(*args, **kwargs):
            status, headers, body = original(*args, **kwargs)
            found = json.loads(body)
            found["revocation_endpoint"] = found["token_endpoint"].replace("/oauth2/token", _PATH)
            return status, headers, json.dumps(found).encode()

        return document

    replace(app, "_handle_cognito_body_request", build_routes)
    replace(cognito, "well_known_openid_configuration", build_discovery)


def _revoke(headers, body):
    form = {name: values[0] for name, values in cognito.parse_qs(body.decode()).items()}
    client_id, secret = cognito._authenticate_client(headers, form)
    _, _, client = cognito._find_pool_by_client_id(client_id)
    if not client or (client.get("ClientSecret") and secret != client["ClientSecret"]):
        return _error("invalid_client")
    token = form.get("token", "")
    if not token:
        return _error("invalid_request")
    # "only refresh tokens": an access token is told so
    if cognito._token_claims(token).get("token_use") == "access":
        return _error("unsupported_token_type")
    cognito._revoke_token({"Token": token})
    return 200, {"Content-Type": "application/json"}, b""


def _error(code):
    return 400, {"Content-Type": "application/json"}, json.dumps({"error": code}).encode()
