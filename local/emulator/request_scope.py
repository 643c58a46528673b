"""What belongs to one request and the emulator does not carry as far as it is needed."""

import contextvars
import functools

from ministack import app
from ministack.services import apigateway_v1 as gateway

# The request being served: {"context": {...}, "request_id": str}, set for the length of one API Gateway request.
current = contextvars.ContextVar("sallyport_request", default=None)
_header_lines = contextvars.ContextVar("sallyport_header_lines", default=())


def replace(module, name, build):
    """Replaces module.name by build(original); AttributeError when the emulator has no such function."""
    original = getattr(module, name)
    setattr(module, name, functools.wraps(original)(build(original)))


def remember_request():
    """The context variables of a request, for whoever needs them later.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html
    """

    def build(original):
        async def execute(request, api_id, stage_name, method, path, headers, *rest):
            context = {
                "requestId": request["request_id"],
                "httpMethod": method,
                "path": f"/{stage_name}{path}",
                "stage": stage_name,
                "apiId": api_id,
                "identity.sourceIp": "127.0.0.1",
                "identity.userAgent": gateway._header_ci(headers, "user-agent"),
            }
            token = current.set({"context": context, "request": request})
            try:
                return await original(request, api_id, stage_name, method, path, headers, *rest)
            finally:
                current.reset(token)

        return execute

    replace(gateway, "_execute_in_scope", build)


def keep_repeated_headers():
    """A header sent in several lines reaches functions as they were sent: all of them in multiValueHeaders, the last
    in headers. The emulator joins them to one value, so a second Authorization or Cookie line would not be seen.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
    """

    def build_app(original):
        async def serve(scope, receive, send):
            token = _header_lines.set(scope.get("headers") or ())
            try:
                await original(scope, receive, send)
            finally:
                _header_lines.reset(token)

        return serve

    def build(original):
        async def execute(api_id, stage_name, method, path, headers, *rest):
            lines = {}
            for name, value in _header_lines.get():
                lines.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))
            repeated = {name: values for name, values in lines.items() if len(values) > 1 and name in headers}
            # the emulator reads these as one string
            for name in ("content-type", "accept", "x-forwarded-for", "user-agent", "host"):
                repeated.pop(name, None)
            return await original(api_id, stage_name, method, path, {**headers, **repeated}, *rest)

        return execute

    replace(app, "app", build_app)
    replace(gateway, "_handle_execute_in_scope", build)


def one_request_id():
    """One request has one id: in the authorizer's event, the integration's event and the x-amzn-RequestId header.
    The emulator gives the authorizer none and every other place its own.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-input.html
    """

    def build_authorizer(original):
        async def invoke(record, event, *rest):
            scope = current.get()
            if scope is not None:
                event.setdefault("requestContext", {})["requestId"] = scope["context"]["requestId"]
                event["requestContext"]["path"] = scope["context"]["path"]
            return await original(record, event, *rest)

        return invoke

    def build_event(original):
        def event_of(*args, **kwargs):
            event = original(*args, **kwargs)
            scope = current.get()
            if scope is not None:
                event["requestContext"]["requestId"] = scope["context"]["requestId"]
            return event

        return event_of

    def build_response(original):
        async def invoke(*args, **kwargs):
            response = await original(*args, **kwargs)
            scope = current.get()
            if scope is not None and isinstance(response, tuple):
                response[1].setdefault("x-amzn-requestid", scope["context"]["requestId"])
            return response

        return invoke

    replace(gateway, "_invoke_authorizer_lambda", build_authorizer)
    replace(gateway, "_build_lambda_event_v1", build_event)
    replace(gateway, "_invoke_lambda_proxy_v1", build_response)
