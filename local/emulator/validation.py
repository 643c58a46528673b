"""Request validation: which bodies are checked, and what is wrong with a refused one."""

import json

from ministack.services import apigateway_v1 as gateway
from request_scope import replace


def exact_content_type():
    """A body is checked against the model of its content type or of `$default`; without either it is not checked.
    The emulator falls back to the model of application/json and so hides bodies that AWS lets through.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-request-validation.html
    """

    def build(original):
        def check(method, api_id, request, headers, body, query_params):
            models = method.get("requestModels") or {}
            content_type = _content_type(headers)
            model = models.get(content_type) or models.get("$default")
            narrowed = {**method, "requestModels": {content_type: model} if model else {}}
            return original(narrowed, api_id, request, headers, body, query_params)

        return check

    replace(gateway, "_check_request_validation", build)


def error_string():
    """`$context.error.validationErrorString` says what is wrong with a body, escaped for use inside a JSON string.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html
    The words are those of the Java library json-schema-validator, which API Gateway shows unchanged.
    """

    def build(original):
        def check(method, api_id, request, headers, body, query_params):
            error = original(method, api_id, request, headers, body, query_params)
            if error is not None and error.response_type == "BAD_REQUEST_BODY":
                models = method.get("requestModels") or {}
                model = models.get(_content_type(headers)) or models.get("$default")
                schema = gateway._model_schema(api_id, model) if model else None
                text = f"[{', '.join(_messages(schema, body))}]"
                error.variables = {"context.error.validationErrorString": json.dumps(text)[1:-1]}
            return error

        return check

    replace(gateway, "_check_request_validation", build)


def _content_type(headers):
    return (gateway._header_ci(headers, "content-type") or "application/json").split(";", 1)[0].strip().lower()


def _messages(schema, body):
    try:
        document = json.loads(body)
    except (ValueError, TypeError, RecursionError):
        return ["Invalid JSON"]
    found = list(_violations(schema, document, schema))
    return found or ["instance does not match the schema"]


def _violations(schema, value, root):
    """The violations of required, type and the plain keywords, outermost first."""
    while isinstance(schema, dict) and isinstance(schema.get("$ref"), str):
        schema, root = gateway._resolve_schema_ref(schema["$ref"], root)
    if not isinstance(schema, dict):
        return
    for sub in schema.get("allOf") or []:
        yield from _violations(sub, value, root)
    types = schema.get("type")
    types = [types] if isinstance(types, str) else types
    if types and not any(gateway._JSON_TYPES.get(name, lambda _: True)(value) for name in types):
        yield (
            f"instance type ({_type_of(value)}) does not match any allowed primitive type "
            f"(allowed: {_listed(types)})"
        )
        return
    if "enum" in schema and not any(gateway._json_equal(value, entry) for entry in schema["enum"]):
        yield f"instance value ({json.dumps(value)}) not found in enum (possible values: {_listed(schema['enum'])})"
    if isinstance(value, str):
        least, most = schema.get("minLength", 0), schema.get("maxLength", len(value))
        if len(value) < least:
            yield f'string "{value}" is too short (length: {len(value)}, required minimum: {least})'
        if len(value) > most:
            yield f'string "{value}" is too long (length: {len(value)}, maximum allowed: {most})'
    if isinstance(value, dict):
        missing = sorted(name for name in schema.get("required") or [] if name not in value)
        if missing:
            yield f"object has missing required properties ({_listed(missing)})"
        properties = schema.get("properties") or {}
        if schema.get("additionalProperties") is False:
            unknown = sorted(name for name in value if name not in properties)
            if unknown:
                yield f"object instance has properties which are not allowed by the schema: {_listed(unknown)}"
        for name, item in value.items():
            if name in properties:
                yield from _violations(properties[name], item, root)
    if isinstance(value, list) and isinstance(schema.get("items"), dict):
        for item in value:
            yield from _violations(schema["items"], item, root)


def _type_of(value):
    order = ("boolean", "integer", "number", "string", "array", "object", "null")
    return next(name for name in order if gateway._JSON_TYPES[name](value))


def _listed(values):
    return json.dumps(values, separators=(",", ":"))
