"""Lambda authorizers: identity sources, the Unauthorized error, and the context of a denial."""

import contextvars
import json

from ministack.services import apigateway_v1 as gateway
from request_scope import current, replace

_denied = contextvars.ContextVar("sallyport_denied_context", default=None)
_rendering = contextvars.ContextVar("sallyport_rendering", default=None)


def context_identity_sources():
    """Identity sources may be context variables; each is part of the cache key. The emulator takes them as absent,
    which refuses every request when results are cached.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/configure-api-gateway-lambda-authorization.html
    """

    def build(original):
        def identity_sources(sources, headers, query_params, stage):
            present, values = True, []
            for source in filter(None, (part.strip() for part in (sources or "").split(","))):
                if source.startswith("context."):
                    found = [_context_value(source[len("context."):]) or ""]
                else:
                    found = original(source, headers, query_params, stage)[1]
                values += found
                present = present and all(found)
            return present, values

        return identity_sources

    replace(gateway, "_request_identity_sources", build)


def _context_value(name):
    scope = current.get() or {"context": {}, "request": {}}
    if name == "resourcePath":
        return scope["request"].get("resource_path")
    return scope["context"].get(name)


def exact_unauthorized():
    """Only the error message `Unauthorized`, exactly so, means UNAUTHORIZED; any other failure is AUTHORIZER_FAILURE.
    The emulator ignores case and surrounding space, so a misspelt message would pass unnoticed.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html
    """

    def build(original):
        async def invoke(*args):
            result = await original(*args)
            body = (result or {}).get("body")
            if result and result.get("error") and isinstance(body, dict):
                message = body.get("errorMessage")
                if isinstance(message, str) and message != "Unauthorized" and message.strip().lower() == "unauthorized":
                    result["body"] = {**body, "errorMessage": f"not exactly Unauthorized: {message}"}
            return result

        return invoke

    replace(gateway, "_invoke_authorizer_lambda", build)


class _Policy(dict):
    """A policy document that remembers the context the authorizer returned with it, also in the result cache."""

    context = None


def deny_context():
    """The context an authorizer returns with an explicit Deny is at hand in the ACCESS_DENIED gateway response, as
    `context.authorizer.<key>` in header mappings and `$context.authorizer.<key>` in body templates.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html
    https://repost.aws/knowledge-center/api-gateway-lambda-authorization-errors
    """

    def build_invoke(original):
        async def invoke(*args):
            result = await original(*args)
            output = _parsed((result or {}).get("body"))
            if result and not result.get("error") and isinstance((output or {}).get("policyDocument"), dict):
                policy = _Policy(output["policyDocument"])
                policy.context = gateway._stringify_context(output.get("context"))
                if output.get("principalId"):
                    policy.context["principalId"] = str(output["principalId"])
                result["body"] = {**output, "policyDocument": policy}
            return result

        return invoke

    def build_evaluate(original):
        def evaluate(policy, method_arn):
            decision = original(policy, method_arn)
            _denied.set(getattr(policy, "context", None) if decision == "Deny" else None)
            return decision

        return evaluate

    def build_error(original):
        def deny(explicit):
            error = original(explicit)
            error.authorizer_context = (_denied.get() or {}) if explicit else {}
            return error

        return deny

    def build_header(original):
        def value_of(source, request):
            if source.startswith("context.authorizer."):
                variables = _rendering.get() or {}
                return variables.get(source)
            return original(source, request)

        return value_of

    def build_response(original):
        def respond(error, request):
            context = getattr(error, "authorizer_context", {})
            variables = {f"context.authorizer.{key}": value for key, value in context.items()}
            variables.update(getattr(error, "variables", {}))
            token = _rendering.set(variables)
            try:
                return original(error, request)
            finally:
                _rendering.reset(token)

        return respond

    replace(gateway, "_invoke_authorizer_lambda", build_invoke)
    replace(gateway, "_evaluate_policy", build_evaluate)
    replace(gateway, "_deny_error", build_error)
    replace(gateway, "_gateway_request_value", build_header)
    replace(gateway, "_gateway_error_response", build_response)
    gateway._GATEWAY_TEMPLATE_VARIABLE = _Variables(gateway._GATEWAY_TEMPLATE_VARIABLE)


class _Variables:
    """Stands in for the emulator's pattern of template variables and knows those of this request too."""

    def __init__(self, pattern):
        self._pattern = pattern

    def sub(self, known, template):
        """Replaces every variable; one of the authorizer that was not returned renders empty, as on AWS."""
        extra = _rendering.get() or {}

        def value(match):
            name = match.group(1) or match.group(2)
            if name in extra:
                return extra[name]
            return "" if name.startswith("context.authorizer.") else known(match)

        return self._pattern.sub(value, template)


def _parsed(body):
    if isinstance(body, bytes):
        body = body.decode("utf-8", errors="replace")
    if isinstance(body, str):
        try:
            body = json.loads(body)
        except ValueError:
            return None
    return body if isinstance(body, dict) else None
