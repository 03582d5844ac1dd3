"""NetSuite's client in the form of the writer's port."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from isthmus.netsuite.errors import AlreadyExists
from isthmus.netsuite.intent import Intent
from isthmus.netsuite.ports import RecordApi
from isthmus_netsuite_writer.domain.checks import HASH_FIELD
from isthmus_netsuite_writer.domain.posting import Posting, RecordType
from isthmus_netsuite_writer.ports import AlreadyThere, Errand, NewCustomer, Posted

CUSTOMER: Final = "customer"


@dataclass(frozen=True, slots=True)
class NetSuiteBooks:
    """``Books`` by the record API."""

    records: RecordApi

    def find(self, record_type: RecordType, external_id: str, errand: Errand) -> Posted | None:
        """Read the record's hash."""
        found = self.records.find(
            record_type.value, external_id, fields=[HASH_FIELD], intent=_intent(errand, "look")
        )
        if found is None:
            return None
        return Posted(internal_id=found["id"], payload_hash=str(found.get(HASH_FIELD) or ""))

    def create(self, posting: Posting, errand: Errand) -> str:
        """Post the record."""
        try:
            return self.records.create(
                posting.record_type.value,
                posting.body,
                intent=_intent(errand, "post"),
                private=posting.private,
            )
        except AlreadyExists as error:
            raise AlreadyThere(error.detail) from error

    def has_customer(self, external_id: str, errand: Errand) -> bool:
        """Look the customer up."""
        intent = _intent(errand, CUSTOMER)
        found = self.records.find(CUSTOMER, external_id, fields=["externalId"], intent=intent)
        return found is not None

    def create_customer(self, customer: NewCustomer, errand: Errand) -> None:
        """Post the customer."""
        body = {
            "externalId": customer.external_id,
            "isPerson": False,
            "companyName": customer.name,
            "currency": {"id": customer.currency_id},
            **({"subsidiary": {"id": customer.subsidiary_id}} if customer.subsidiary_id else {}),
        }
        try:
            self.records.create(CUSTOMER, body, intent=_intent(errand, CUSTOMER))
        except AlreadyExists as error:
            raise AlreadyThere(error.detail) from error


def _intent(errand: Errand, purpose: str) -> Intent:
    return Intent(
        purpose=purpose,
        deadline=errand.deadline,
        priority=errand.priority,
        is_current=errand.is_current,
    )
