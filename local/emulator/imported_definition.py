"""An imported OpenAPI definition takes effect as a whole.

The emulator imports paths, integrations and authorizers, and drops models, request validators, required parameters,
request models, gateway responses and the details of integrations.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html
"""

import hashlib
import json

from ministack.services import apigateway_v1 as gateway
from request_scope import replace

_LOCATIONS = {"query": "querystring", "header": "header", "path": "path"}


def whole_definition():
    """Adds to every imported API what the emulator dropped; runs for a first deployment and for a changed body."""

    def build(original):
        def import_rest_api(spec, base_data=None):
            api_id = original(spec, base_data)
            _add_models(api_id, spec)
            validators = _add_validators(api_id, spec)
            methods = {
                (resource["path"], name): (resource["id"], method)
                for resource in gateway._resources[api_id].values()
                for name, method in resource["resourceMethods"].items()
            }
            for path, item in (spec.get("paths") or {}).items():
                for name, operation in item.items():
                    found = methods.get((path.rstrip("/") or "/", name.upper()))
                    if found and isinstance(operation, dict):
                        _complete_method(api_id, spec, item, operation, validators, *found)
            _add_gateway_responses(api_id, spec)
            return api_id

        return import_rest_api

    replace(gateway, "_import_rest_api", build)


def _add_models(api_id, spec):
    """components.schemas become models; references among them take API Gateway's own form.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/models-mappings-models.html
    """
    for name, schema in ((spec.get("components") or {}).get("schemas") or {}).items():
        _put_model(api_id, name, schema)


def _put_model(api_id, name, schema):
    text = json.dumps(_with_model_references(api_id, schema))
    _checked(gateway._create_model(api_id, {"name": name, "schema": text}), f"model {name}")


def _with_model_references(api_id, schema):
    if isinstance(schema, list):
        return [_with_model_references(api_id, entry) for entry in schema]
    if not isinstance(schema, dict):
        return schema
    reference = schema.get("$ref")
    if isinstance(reference, str) and reference.startswith("#/components/schemas/"):
        name = reference.rsplit("/", 1)[-1]
        return {"$ref": f"https://apigateway.amazonaws.com/restapis/{api_id}/models/{name}"}
    return {key: _with_model_references(api_id, value) for key, value in schema.items()}


def _add_validators(api_id, spec):
    """x-amazon-apigateway-request-validators, by name.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-request-validators.html
    """
    ids = {}
    for name, settings in (spec.get("x-amazon-apigateway-request-validators") or {}).items():
        created = gateway._create_request_validator(api_id, {"name": name, **settings})
        ids[name] = _checked(created, f"request validator {name}")["id"]
    return ids


def _complete_method(api_id, spec, item, operation, validators, resource_id, method):
    default = spec.get("x-amazon-apigateway-request-validator")
    name = operation.get("x-amazon-apigateway-request-validator", default)
    method["requestValidatorId"] = validators.get(name)
    method["operationName"] = operation.get("operationId", "")
    method["requestParameters"] = _request_parameters(spec, item, operation)
    method["requestModels"] = _request_models(api_id, spec, operation)
    _complete_integration(api_id, resource_id, method, operation.get("x-amazon-apigateway-integration") or {})


def _request_parameters(spec, item, operation):
    """Whether each parameter is required: validators check that the required ones are there."""
    found = {}
    for raw in [*(item.get("parameters") or []), *(operation.get("parameters") or [])]:
        parameter = _resolved(spec, raw)
        location = _LOCATIONS.get(parameter.get("in"))
        if location:
            found[f"method.request.{location}.{parameter['name']}"] = bool(parameter.get("required"))
    return found


def _request_models(api_id, spec, operation):
    """The model of each content type; a schema written in place becomes a model with a generated name."""
    models = {}
    for content_type, media in (_resolved(spec, operation.get("requestBody") or {}).get("content") or {}).items():
        schema = media.get("schema")
        if not schema:
            continue
        reference = schema.get("$ref", "")
        if reference.startswith("#/components/schemas/"):
            models[content_type.lower()] = reference.rsplit("/", 1)[-1]
        else:
            name = "MODEL" + hashlib.sha256(json.dumps(schema, sort_keys=True).encode()).hexdigest()[:10]
            _put_model(api_id, name, schema)
            models[content_type.lower()] = name
    return models


def _complete_integration(api_id, resource_id, method, integration):
    """Templates, limits and responses of an integration.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-integration.html
    """
    stored = method["methodIntegration"]
    if not stored:
        return
    for source, target in (
        ("requestTemplates", "requestTemplates"),
        ("requestParameters", "requestParameters"),
        ("passthroughBehavior", "passthroughBehavior"),
        ("timeoutInMillis", "timeoutInMillis"),
        ("credentials", "credentials"),
        ("contentHandling", "contentHandling"),
    ):
        if source in integration:
            stored[target] = integration[source]
    if "passthroughBehavior" in stored:
        stored["passthroughBehavior"] = stored["passthroughBehavior"].upper()
    for pattern, response in (integration.get("responses") or {}).items():
        status = str(response.get("statusCode", "200"))
        gateway._put_integration_response(
            api_id,
            resource_id,
            method["httpMethod"],
            status,
            {
                "selectionPattern": "" if pattern == "default" else pattern,
                "responseParameters": response.get("responseParameters", {}),
                "responseTemplates": response.get("responseTemplates", {}),
            },
        )


def _add_gateway_responses(api_id, spec):
    """x-amazon-apigateway-gateway-responses; the deployment made after the import takes them into its snapshot.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-gateway-responses.html
    """
    for response_type, settings in (spec.get("x-amazon-apigateway-gateway-responses") or {}).items():
        _checked(gateway._put_gateway_response(api_id, response_type, settings), f"gateway response {response_type}")


def _resolved(spec, value):
    while isinstance(value, dict) and isinstance(value.get("$ref"), str):
        target = spec
        for part in value["$ref"].removeprefix("#/").split("/"):
            target = target[part.replace("~1", "/").replace("~0", "~")]
        value = target
    return value


def _checked(response, what):
    """The body of a control plane answer; an import with a part that does not fit fails as it does on AWS."""
    status, _headers, body = response
    if status >= 400:
        raise ValueError(f"import of {what} failed: {body!r}")
    return json.loads(body)
