"""Multipart uploads of S3: what is said at their start."""

import re
import urllib.parse

from ministack.services import s3
from request_scope import replace


def tags_of_multipart_uploads():
    """The tags that CreateMultipartUpload names are those of the object. The emulator drops them.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateMultipartUpload.html
    """

    tags = {}

    def build_create(original):
        def create(bucket, key, headers):
            status, answered, body = original(bucket, key, headers)
            upload = re.search(rb"<UploadId>([^<]+)</UploadId>", body if isinstance(body, bytes) else body.encode())
            named = urllib.parse.parse_qs(headers.get("x-amz-tagging", ""), keep_blank_values=True)
            if upload and named:
                tags[upload[1].decode()] = {name: values[0] for name, values in named.items()}
            return status, answered, body

        return create

    def build_complete(original):
        def complete(bucket, key, body, query, *rest):
            status, answered, content = original(bucket, key, body, query, *rest)
            named = tags.pop(s3._qp(query, "uploadId"), None)
            if status == 200 and named is not None:
                s3._object_tags[(bucket, key, answered.get("x-amz-version-id"))] = named
            return status, answered, content

        return complete

    replace(s3, "_create_multipart_upload", build_create)
    replace(s3, "_complete_multipart_upload", build_complete)
