"""A simulated NetSuite and its caller, for tests that speak raw HTTP."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import httpx
import yaml
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from isthmus_sandbox.clock import Clock

RECORD = "/services/rest/record/v1"
TOKEN = "/services/rest/auth/oauth2/v1/token"
SUITEQL = "/services/rest/query/v1/suiteql"
STRICT = {"X-NetSuite-PropertyNameValidation": "Error"}
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
Json = dict[str, Any]


@dataclasses.dataclass(frozen=True)
class Client:
    """Who logs in: what `isthmus-sandbox credentials` made."""

    client_id: str
    certificate_id: str
    key: ECKey | RSAKey
    integration: Path

    @classmethod
    def of(cls, integration: Path) -> Self:
        """Read the client's side of an integration file."""
        named = yaml.safe_load(integration.read_text())
        pem = (integration.parent / "private-key.pem").read_bytes()
        kind = RSAKey if len(pem) > 1000 else ECKey
        return cls(
            client_id=named["client_id"],
            certificate_id=named["certificates"][0]["id"],
            key=kind.import_key(pem),
            integration=integration,
        )


@dataclasses.dataclass(frozen=True)
class SimulatedNetSuite:
    """Calls it as a client would, and its control API as a test would."""

    http: httpx.Client
    clock: Clock
    client: Client

    def assertion(
        self, *, header: Mapping[str, Any] | None = None, key: Any = None, **claims: Any
    ) -> str:
        """Return a signed assertion; an argument changes a claim or the header, None drops it."""
        now = int(self.clock.now().timestamp())
        default = {
            "iss": self.client.client_id,
            "scope": "rest_webservices",
            "aud": f"{str(self.http.base_url).rstrip('/')}{TOKEN}",
            "iat": now,
            "exp": now + 3540,
        }
        alg = "ES256" if isinstance(self.client.key, ECKey) else "PS256"
        head = {"typ": "JWT", "alg": alg, "kid": self.client.certificate_id, **(header or {})}
        told = {name: value for name, value in (default | claims).items() if value is not None}
        algorithms = [str(head["alg"])]
        return jwt.encode(head, told, key or self.client.key, algorithms=algorithms)

    def grant(self, **form: str) -> httpx.Response:
        """Ask for a token; an argument changes a field of the form."""
        whole = {"grant_type": "client_credentials", "client_assertion_type": ASSERTION_TYPE}
        if "client_assertion" not in form:
            whole["client_assertion"] = self.assertion()
        return self.http.post(TOKEN, data={**whole, **form})

    def logged_in(self) -> Self:
        """Return the same with a token in every call."""
        self.http.headers["Authorization"] = f"Bearer {self.grant().json()['access_token']}"
        return self

    def put(self, type: str, **body: Any) -> str:
        """Put a master record by the control API and return its internal id."""
        answer = self.http.post(f"/_control/records/{type}", json=[body])
        assert answer.status_code == 200, answer.text
        return str(answer.json()[0]["id"])

    def post(self, type: str, body: object, **headers: str) -> httpx.Response:
        """Create a record, with strict names unless a header says otherwise."""
        return self.http.post(f"{RECORD}/{type}", json=body, headers={**STRICT, **headers})

    def patch(self, path: str, body: object, **query: str) -> httpx.Response:
        """Update a record."""
        return self.http.patch(f"{RECORD}/{path}", json=body, params=query, headers=STRICT)

    def upsert(self, path: str, body: object, **query: str) -> httpx.Response:
        """Create or update a record."""
        return self.http.put(f"{RECORD}/{path}", json=body, params=query, headers=STRICT)

    def get(self, path: str, **query: str) -> httpx.Response:
        """Read a record."""
        return self.http.get(f"{RECORD}/{path}", params=query)

    def whole(self, path: str) -> Json:
        """Read a record with its sublists."""
        answer = self.get(path, expandSubResources="true")
        assert answer.status_code == 200, answer.text
        body: Json = answer.json()
        return body

    def suiteql(self, q: str, *params: object, **query: str) -> httpx.Response:
        """Run a query."""
        body = {"q": q, "params": list(params)} if params else {"q": q}
        return self.http.post(SUITEQL, json=body, params=query, headers={"Prefer": "transient"})

    def rows(self, q: str, *params: object) -> list[Json]:
        """Run a query and return its rows without their links."""
        answer = self.suiteql(q, *params)
        assert answer.status_code == 200, answer.text
        return [{k: v for k, v in row.items() if k != "links"} for row in answer.json()["items"]]

    def truth(self, type: str) -> list[Json]:
        """Return what the account holds."""
        rows: list[Json] = self.http.get("/_control/records", params={"type": type}).json()
        return rows

    def journal(self, operation: str) -> list[Json]:
        """Return what was written down of an operation."""
        entries: list[Json] = self.http.get("/_control/journal", params={"limit": 10_000}).json()
        return [entry for entry in entries if entry["operation"] == operation]

    def break_down(self, kind: str, **rule: Any) -> None:
        """Put one fault in force."""
        answer = self.http.post("/_control/faults", json=[{"kind": kind, **rule}])
        assert answer.status_code == 200, answer.text


def a_line(**fields: Any) -> Json:
    """Return an item line at a custom price."""
    return {
        "item": {"externalId": "ITEM-1"},
        "quantity": 2,
        "price": {"id": "-1"},
        "rate": 19.99,
        "amount": 39.98,
        **fields,
    }


def a_sale(*, external_id: Any = None, lines: Any = None, **body: Any) -> Json:
    """Return a sales order or cash sale of one line; a field that is None is left out."""
    whole = {
        "externalId": external_id or f"AMZ-SO-{uuid.uuid4().hex}",
        "entity": {"externalId": "AMZ-CUST-US"},
        "tranDate": "2026-11-20",
        "location": {"id": "1"},
        "item": {"items": [a_line()] if lines is None else lines},
        **body,
    }
    return {name: value for name, value in whole.items() if value is not None}


def codes(answer: httpx.Response) -> list[str]:
    """Return the error codes of a refusal."""
    return [detail["o:errorCode"] for detail in answer.json()["o:errorDetails"]]


def paths(answer: httpx.Response) -> list[str | None]:
    """Return the paths of a refusal."""
    return [detail.get("o:errorPath") for detail in answer.json()["o:errorDetails"]]
