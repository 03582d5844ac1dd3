"""Who bought and where to deliver, in our words; to be sealed at once."""

from __future__ import annotations

from isthmus.messages.personal import Address, Buyer
from isthmus_amazon_ingest.domain.wire import Recipient, WireBuyer


def buyer_of(wire: WireBuyer | None) -> Buyer | None:
    """Translate the buyer; none when Amazon tells nothing."""
    if wire is None:
        return None
    buyer = Buyer(
        name=wire.buyer_name or "",
        email=wire.buyer_email or "",
        company=wire.buyer_company_name or "",
        purchase_order=wire.buyer_purchase_order_number or "",
    )
    return None if buyer == Buyer() else buyer


def address_of(wire: Recipient | None) -> Address | None:
    """Translate the address of delivery; none when Amazon tells nothing."""
    to = None if wire is None else wire.delivery_address
    if to is None:
        return None
    lines = (to.address_line1, to.address_line2, to.address_line3)
    address = Address(
        name=to.name or "",
        company=to.company_name or "",
        lines=tuple(line for line in lines if line),
        city=to.city or "",
        district=", ".join(part for part in (to.district_or_county, to.municipality) if part),
        state=to.state_or_region or "",
        postal_code=to.postal_code or "",
        country=to.country_code or "",
        phone=to.phone or "",
    )
    return None if address == Address() else address
