"""How a receiver knows that a message is ours and fresh: the signature of the Standard Webhooks specification 1.0."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from datetime import datetime

_PREFIX = "whsec_"


def signed_headers(secret: str, message_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """`webhook-id` is the same on every try, `webhook-timestamp` this try's (seconds since 1970), and
    `webhook-signature` is v1 with HMAC-SHA-256 over "id.timestamp.body" in base64.

    >>> from datetime import timezone
    >>> at = datetime(2026, 3, 2, tzinfo=timezone.utc)
    >>> headers = signed_headers("a secret of sixteen or more", "alert_1", at, b"{}")
    >>> headers["webhook-timestamp"], headers["webhook-signature"]
    ('1772409600', 'v1,eZeKTN0W8VjH+fjFNR4jfNgHWlJYnOWDmnrsvjyMnLg=')
    """
    timestamp = str(int(at.timestamp()))
    signed = hmac.new(_key(secret), b".".join((message_id.encode(), timestamp.encode(), body)), hashlib.sha256)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{base64.b64encode(signed.digest()).decode()}",
    }


def _key(secret: str) -> bytes:
    """A secret that begins with whsec_ is base64, as the specification writes it; any other is taken as it is."""
    if secret.startswith(_PREFIX):
        try:
            return base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
        except binascii.Error:
            pass
    return secret.encode()
