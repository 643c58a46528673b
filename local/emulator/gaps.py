"""What MiniStack 1.5.33 does otherwise than API Gateway, filled in process.

Each entry of GAPS patches one function of the emulator and cites the rule of AWS it follows. test/local/emulator.e2e
proves every one against the patched emulator, and against the plain one that it is still needed: when that fails
after an upgrade, delete the entry.
"""

import authorizer
import change_sets
import http_api
import identity
import imported_definition
import multipart
import mutual_tls
import request_scope
import sign_up
import validation

GAPS = (
    request_scope.remember_request,
    request_scope.keep_repeated_headers,
    request_scope.one_request_id,
    authorizer.context_identity_sources,
    authorizer.exact_unauthorized,
    authorizer.deny_context,
    validation.exact_content_type,
    validation.error_string,
    imported_definition.whole_definition,
    http_api.http_request_scope,
    http_api.cookies_apart,
    http_api.unauthorized_is_401,
    mutual_tls.client_certificate,
    mutual_tls.disabled_default_endpoint,
    identity.revocation_endpoint,
    sign_up.confirmation_codes,
    sign_up.administrators_only,
    sign_up.sign_up_pages,
    change_sets.outputs_are_changes,
    multipart.tags_of_multipart_uploads,
)


def apply():
    """Patches the emulator; AttributeError names the function that is missing, as in another version of it."""
    for gap in GAPS:
        gap()
