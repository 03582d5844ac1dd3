"""Clients of the library, made strict."""

from __future__ import annotations

import platform
from typing import Final, TypeVar

from sp_api.base import Client
from sp_api.base.credential_provider import FromCodeCredentialProvider

from isthmus.amazon.handover import TRUSTS_NOBODY
from isthmus.amazon.operations import Operation
from isthmus.amazon.transport import Connection, StrictTransport

C = TypeVar("C", bound=Client)

USER_AGENT: Final = f"Isthmus/0.1 (Language=Python/{platform.python_version()})"
# The library asks for credentials of its own and would look for them in the environment; the
# tokens come from elsewhere.
NOT_USED: Final = {"lwa_app_id": "unused", "lwa_client_secret": "unused"}


def strict_client(
    kind: type[C], *, connection: Connection, operation: Operation, purpose: str
) -> C:
    """Make a client of the library whose requests and answers go through our transport.

    A client keeps the method of its last request in itself, so it serves one thread and, for the
    sake of quota and counts, one operation and purpose.
    """
    client: C = kind(
        credentials=NOT_USED,
        credential_providers=(FromCodeCredentialProvider,),
        auth_token_client_class=lambda **_: connection.tokens,
        verify=TRUSTS_NOBODY,
    )
    # The environment may have set another marketplace, and with it another endpoint.
    client.endpoint = connection.endpoint
    client.user_agent = USER_AGENT
    client._transport.close()  # noqa: SLF001 (the library has no other way; pinned by tests)
    client._transport = StrictTransport(  # noqa: SLF001
        connection=connection, operation=operation, purpose=purpose
    )
    return client
