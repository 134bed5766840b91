"""Is this D1? Credentials against those that are valid, in a time that tells nothing about them."""

import hmac
import json
from collections.abc import Sequence


def is_known(client_id: str, client_secret: str, valid: Sequence[str]) -> bool:
    """Say whether credentials are one of ``valid``, each a JSON text with ``clientId`` and ``clientSecret``.

    All are compared, each in constant time: its time tells neither which part was wrong nor how far it was right.
    """
    known = False
    for text in valid:
        credentials = json.loads(text)
        same_id = hmac.compare_digest(client_id.encode(), credentials["clientId"].encode())
        same_secret = hmac.compare_digest(client_secret.encode(), credentials["clientSecret"].encode())
        known |= same_id & same_secret
    return known
