"""Credentials, retries and typed errors for the generated client."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any, Callable, TypeVar

from urllib3 import Retry
from urllib3.exceptions import MaxRetryError, ResponseError

from .api_client import ApiClient
from .configuration import Configuration
from .exceptions import ApiException

T = TypeVar("T")

# RFC 9110 section 9.2.2: repeating these changes nothing more
_IDEMPOTENT = ("GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE")


class ProblemError(Exception):
    """The API answered, and not with success (RFC 9457). The text never has what was sent."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        super().__init__(f"{problem.get('title', 'Error')} ({status})")
        self.status = status
        self.problem = problem


@dataclass(frozen=True)
class StepUpChallenge:
    """What a step-up must reach (RFC 9470 section 3); max_age in seconds."""

    acr_values: list[str] = field(default_factory=list)
    max_age: int | None = None


class StepUpRequiredError(ProblemError):
    """The caller is known but must prove more."""

    def __init__(self, status: int, problem: dict[str, Any], challenge: StepUpChallenge) -> None:
        super().__init__(status, problem)
        self.challenge = challenge


class _BoundedRetry(Retry):
    """Tries again after 429 and 503; an answer that asks for a longer wait goes to the caller."""

    LONGEST_WAIT = 20
    RETRY_AFTER_STATUS_CODES = frozenset({429, 503})

    def increment(self, method: Any = None, url: Any = None, response: Any = None, *args: Any, **kwargs: Any) -> Retry:
        wait = None if response is None else self.get_retry_after(response)
        if wait is not None and wait > self.LONGEST_WAIT:
            raise MaxRetryError(kwargs.get("_pool"), url, ResponseError("the wait is too long"))
        return super().increment(method, url, response, *args, **kwargs)


def connect(
    base_url: str,
    *,
    access_token: str | None = None,
    api_key: tuple[str, str] | None = None,
    certificate: tuple[str, str] | None = None,
    ca_file: str | None = None,
    attempts: int = 3,
) -> ApiClient:
    """Makes the client that the API classes take.

    :param access_token: for the Authorization header (RFC 6750 section 2.1)
    :param api_key: name of a header, and the key
    :param certificate: paths of the client certificate and of its key, as PEM
    :param ca_file: path of the authorities that the server is checked against
    :param attempts: tries in all of an idempotent request that is answered by 429 or 503
    """
    configuration = Configuration(host=base_url)
    configuration.retries = _BoundedRetry(
        total=attempts - 1,
        status_forcelist=(429, 503),
        allowed_methods=_IDEMPOTENT,
        backoff_factor=0.5,
        raise_on_status=False,
    )
    if certificate is not None:
        configuration.cert_file, configuration.key_file = certificate
    if ca_file is not None:
        configuration.ssl_ca_cert = ca_file
    client = ApiClient(configuration)
    if access_token is not None:
        client.set_default_header("Authorization", f"Bearer {access_token}")
    if api_key is not None:
        client.set_default_header(*api_key)
    return client


def call(
    operation: Callable[..., T],
    *args: Any,
    on_step_up: Callable[[StepUpChallenge], bool] | None = None,
    **kwargs: Any,
) -> T:
    """Calls an operation of an API class; what is no success is a ProblemError or StepUpRequiredError.

    :param on_step_up: brings the caller up; the operation is called once more when it returns True
    """
    try:
        return operation(*args, **kwargs)
    except ApiException as error:
        problem = _problem_of(error)
        if not isinstance(problem, StepUpRequiredError) or on_step_up is None:
            raise problem from None
        if not on_step_up(problem.challenge):
            raise problem from None
    return call(operation, *args, **kwargs)


def _problem_of(error: ApiException) -> ProblemError:
    status = error.status or 0
    words = {"type": "about:blank", "title": error.reason or "Error", "status": status}
    try:
        body = json.loads(error.body or "")
    except ValueError:
        body = None
    problem = {**words, **body} if isinstance(body, dict) else words
    header = ", ".join(
        value for name, value in (error.headers or {}).items() if name.lower() == "www-authenticate"
    )
    parameters = {
        name.lower(): quoted or token
        for name, quoted, token in re.findall(r'([\w-]+)\s*=\s*(?:"([^"]*)"|([^\s,"]+))', header)
    }
    if status != 401 or parameters.get("error") != "insufficient_user_authentication":
        return ProblemError(status, problem)
    max_age = parameters.get("max_age", "")
    challenge = StepUpChallenge(
        acr_values=parameters.get("acr_values", "").split(),
        max_age=int(max_age) if max_age.isdigit() else None,
    )
    return StepUpRequiredError(status, problem, challenge)
