"""HTTP APIs with payload format 2.0: cookies, the request's id, and the error `Unauthorized` of an authorizer."""

import base64
import contextvars
import json
import os

from ministack.services import apigateway as gateway
from request_scope import replace

# Of the request being served: {"id": str, "error": message of the authorizer's failure}
_request = contextvars.ContextVar("sallyport_http_request", default=None)


def http_request_scope():
    """One request has one id, in both events and the apigw-requestid header. The emulator makes one for each.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html
    """

    def build(original):
        async def execute(*args, **kwargs):
            # 15 characters and `=`, as AWS's own samples have
            token = _request.set({"id": base64.urlsafe_b64encode(os.urandom(11)).decode(), "error": None})
            try:
                status, headers, body = await original(*args, **kwargs)
                headers.setdefault("apigw-requestid", _request.get()["id"])
                return status, headers, body
            finally:
                _request.reset(token)

        return execute

    def build_run(original):
        async def run(function, record, event, **kwargs):
            scope = _request.get()
            if scope is not None:
                event["requestContext"]["requestId"] = scope["id"]
            return await original(function, record, event, **kwargs)

        return run

    replace(gateway, "_handle_execute_in_scope", build)
    replace(gateway, "run_reentrant", build_run)


def cookies_apart():
    """Payload 2.0 has the cookies in an array and not among the headers, for authorizers and back ends. The emulator
    leaves them in the header.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
    """

    def build(original):
        async def run(function, record, event, **kwargs):
            if event.get("version") == "2.0":
                header = event["headers"].pop("cookie", None)
                # two header lines arrive joined by a comma, which no cookie contains
                parts = (header or "").replace(",", ";").split(";")
                cookies = [part.strip() for part in parts if part.strip()]
                if cookies:
                    event["cookies"] = cookies
            return await original(function, record, event, **kwargs)

        return run

    replace(gateway, "run_reentrant", build)


def unauthorized_is_401():
    """An authorizer that fails with the message `Unauthorized` is answered by 401, any other failure by 500. The
    emulator answers 500 to both. AWS documents it for REST APIs; that HTTP APIs do the same is in decision 10.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html
    """

    def build_run(original):
        async def run(*args, **kwargs):
            result = await original(*args, **kwargs)
            scope = _request.get()
            if scope is not None and result and result.get("error"):
                scope["error"] = _message(result.get("body"))
            return result

        return run

    def build_authorize(original):
        async def authorize(*args, **kwargs):
            error, context = await original(*args, **kwargs)
            scope = _request.get()
            if error is not None and scope is not None and scope["error"] == "Unauthorized":
                return gateway._jwt_unauthorized(), None
            return error, context

        return authorize

    replace(gateway, "run_reentrant", build_run)
    replace(gateway, "_authorize_request_v2", build_authorize)


def _message(body):
    if isinstance(body, bytes):
        body = body.decode("utf-8", errors="replace")
    if isinstance(body, str):
        try:
            body = json.loads(body)
        except ValueError:
            return None
    return body.get("errorMessage") if isinstance(body, dict) else None
