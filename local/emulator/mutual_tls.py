"""Mutual TLS of custom domains: the certificate of the client, and the endpoint that must not stand beside the domain."""

import base64
import contextvars
import hmac
import json
import os

from ministack import app
from ministack.services import apigateway as http_gateway
from ministack.services import apigateway_v1 as gateway
from request_scope import replace

# taken out, since functions inherit the environment
_SECRET = os.environ.pop("SALLYPORT_PARTNER_SECRET", "")
_SECRET_HEADER = b"x-sallyport-partner-secret"
_CERTIFICATE_HEADER = b"x-sallyport-client-certificate"
_certificate = contextvars.ContextVar("sallyport_client_certificate", default=None)


def client_certificate():
    """A connection to a domain with mutual TLS brings the client's certificate to the authorizer and to the
    integration as `requestContext.identity.clientCert`, of an HTTP API with payload 2.0 as
    `requestContext.authentication.clientCert`. The emulator ends no TLS; the partner listener does, and hands
    over what it verified in a header that counts only with the secret of this instance. Both headers end here.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-mutual-tls.html
    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-mutual-tls.html
    """

    def build_app(original):
        async def serve(scope, receive, send):
            lines = scope.get("headers") or ()
            given = {name.lower(): value for name, value in lines}
            kept = [line for line in lines if line[0].lower() not in (_SECRET_HEADER, _CERTIFICATE_HEADER)]
            token = _certificate.set(_handed_over(given))
            try:
                await original({**scope, "headers": kept}, receive, send)
            finally:
                _certificate.reset(token)

        return serve

    def build_authorizer(original):
        async def invoke(record, event, *rest):
            return await original(record, _with_certificate(event), *rest)

        return invoke

    def build_event(original):
        def event_of(*args, **kwargs):
            return _with_certificate(original(*args, **kwargs))

        return event_of

    def build_run(original):
        async def run(function, record, event, **kwargs):
            found = _certificate.get()
            if found is not None and event.get("version") == "2.0":
                event["requestContext"]["authentication"] = {"clientCert": found}
            return await original(function, record, event, **kwargs)

        return run

    replace(app, "app", build_app)
    replace(http_gateway, "run_reentrant", build_run)
    replace(gateway, "_invoke_authorizer_lambda", build_authorizer)
    replace(gateway, "_build_lambda_event_v1", build_event)


def _handed_over(headers):
    secret = headers.get(_SECRET_HEADER, b"")
    if not _SECRET or not hmac.compare_digest(secret, _SECRET.encode()):
        return None
    return json.loads(base64.b64decode(headers[_CERTIFICATE_HEADER]))


def _with_certificate(event):
    found = _certificate.get()
    if found is not None:
        event.setdefault("requestContext", {}).setdefault("identity", {})["clientCert"] = found
    return event


def disabled_default_endpoint():
    """An API whose default endpoint is disabled is reached through its domains alone; the endpoint answers 403. The
    emulator forgets the setting of an imported definition, and would serve the API there.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-disable-default-endpoint.html
    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-endpoint-configuration.html
    """

    def build_import(original):
        def import_rest_api(spec, base_data=None):
            api_id = original(spec, base_data)
            endpoint = spec.get("x-amazon-apigateway-endpoint-configuration") or {}
            gateway._rest_apis[api_id]["disableExecuteApiEndpoint"] = bool(endpoint.get("disableExecuteApiEndpoint"))
            return api_id

        return import_rest_api

    def build_handle(original):
        async def handle(host, path, *rest, **named):
            parsed = app._parse_execute_api_url(host, path)
            if parsed and _is_disabled(parsed[0]):
                body = json.dumps({"message": "Forbidden"}).encode()
                return 403, {"Content-Type": "application/json", "x-amzn-ErrorType": "ForbiddenException"}, body
            return await original(host, path, *rest, **named)

        return handle

    replace(gateway, "_import_rest_api", build_import)
    replace(app, "_handle_execute_api_request", build_handle)


def _is_disabled(api_id):
    scope = gateway.find_api_scope(api_id)
    api = gateway._rest_apis.get_scoped(*scope, api_id, {}) if scope else {}
    return api.get("disableExecuteApiEndpoint") is True
