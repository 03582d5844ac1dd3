"""Places one invented order: buyer, items, amounts, windows."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from isthmus_sandbox.amazon.catalog import product
from isthmus_sandbox.amazon.marketplaces import Marketplace
from isthmus_sandbox.amazon.orders import Document, Order, OrderKind, Status, moment
from isthmus_sandbox.amazon.people import invented_gift_message, invented_person
from isthmus_sandbox.amazon.proceeds import (
    NOTHING,
    LineAmounts,
    item_proceeds,
    money,
    order_proceeds,
)

MIXED_LINES_MIN: Final = 3
"""One line is cancelled, one ships, one waits."""
_SERIALS: Final = 10_000_000
_SCRAMBLE: Final = 4_567_891
"""Has no divisor in common with `_SERIALS`: serial numbers stay different when scrambled."""


@dataclass(frozen=True, slots=True)
class Placement:
    """One order being placed: as the buyer leaves it, before anything happens to it."""

    chance: random.Random
    kind: OrderKind
    is_amazon: bool
    """Whether Amazon fulfills it."""
    marketplace: Marketplace
    serial: int
    placed: datetime

    def order(self, *, account: str, skus: Sequence[str], unknown_skus: Sequence[str]) -> Order:
        """Return the order; of `unknown_skus` only an order of that kind has one."""
        chosen = self._chosen(skus)
        if self.kind is OrderKind.UNKNOWN_SKU:
            chosen[-1] = self.chance.choice(unknown_skus)
        items = [self._item(sku, line=line) for line, sku in enumerate(chosen)]
        is_business = self.chance.random() < 0.08
        person = invented_person(
            self.chance, country=self.marketplace.country, is_business=is_business
        )
        proceeds = order_proceeds(items)
        document: Document = {
            "orderId": self._order_id(),
            "createdTime": moment(self.placed),
            "lastUpdatedTime": moment(self.placed),
            "programs": self._programs(is_business=is_business),
            "salesChannel": {
                "channelName": "AMAZON",
                "marketplaceId": self.marketplace.marketplace_id,
                "marketplaceName": self.marketplace.name,
            },
            "buyer": person.buyer,
            "recipient": {"deliveryAddress": person.address},
            "proceeds": proceeds,
            "payment": self._payment(proceeds["grandTotal"]),
            "fulfillment": self._fulfillment(),
            "orderItems": items,
        }
        return Order(account=account, kind=self.kind, document=document)

    def _order_id(self) -> str:
        unique = self.serial * _SCRAMBLE % _SERIALS
        return f"{self.marketplace.order_prefix}-{self.chance.randrange(10**7):07}-{unique:07}"

    def _chosen(self, skus: Sequence[str]) -> list[str]:
        few, many = (MIXED_LINES_MIN, 4) if self.kind is OrderKind.MIXED else (1, 2)
        return self.chance.sample(skus, min(self.chance.randint(few, many), len(skus)))

    def _programs(self, *, is_business: bool) -> list[str]:
        """SFP is what a merchant fulfills with Prime; Amazon's own orders may be Prime, too."""
        is_prime = self.kind is OrderKind.SFP or (self.is_amazon and self.chance.random() < 0.5)
        return ["PRIME"] * is_prime + ["AMAZON_BUSINESS"] * is_business

    def _payment(self, total: Document) -> Document:
        methods = ["CreditCard", "CreditCard", "Invoice"]
        if self.marketplace.code == "JP":
            methods = ["CreditCard", "ConvenienceStore", "CashOnDelivery"]
        execution = {"paymentMethod": self.chance.choice(methods), "paymentAmount": total}
        return {"paymentExecutions": [execution]}

    def _fulfillment(self) -> Document:
        status = Status.PENDING if self.kind is OrderKind.PENDING else Status.UNSHIPPED
        levels = ["STANDARD", "STANDARD", "EXPEDITED", "SECOND_DAY", "NEXT_DAY"]
        ship_days = self.chance.randint(1, 2)
        return {
            "fulfillmentStatus": status.value,
            "fulfilledBy": "AMAZON" if self.is_amazon else "MERCHANT",
            "fulfillmentServiceLevel": self.chance.choice(levels),
            "shipByWindow": self._window(0, ship_days),
            "deliverByWindow": self._window(ship_days + 1, ship_days + 4),
        }

    def _window(self, earliest_days: int, latest_days: int) -> Document:
        return {
            "earliestDateTime": moment(self.placed + timedelta(days=earliest_days)),
            "latestDateTime": moment(self.placed + timedelta(days=latest_days)),
        }

    def _item(self, sku: str, *, line: int) -> Document:
        sold = product(sku)
        quantity = self.chance.choice([1, 1, 1, 2, 3])
        price = sold.price_in(self.marketplace)
        is_gift = self.chance.random() < 0.06
        amounts = self._amounts(price * quantity, is_gift=is_gift)
        item: Document = {
            "orderItemId": str(10**13 + self.serial * 10 + line),
            "quantityOrdered": quantity,
            "product": {
                "asin": sold.asin,
                "title": sold.title,
                "sellerSku": sku,
                "condition": {"conditionType": "NEW", "conditionSubtype": "NEW"},
                "price": {"unitPrice": money(price, self.marketplace)},
            },
            "proceeds": item_proceeds(amounts, self.marketplace),
            "fulfillment": {"quantityFulfilled": 0, "quantityUnfulfilled": quantity},
        }
        if is_gift:
            message = invented_gift_message(self.chance)
            option = {"giftMessage": message, "giftWrapLevel": "STANDARD"}
            item["fulfillment"]["packing"] = {"giftOption": option}
        return {**item, **self._promotion(amounts), **self._tax()}

    def _promotion(self, amounts: LineAmounts) -> Document:
        if not amounts.item_discount:
            return {}
        promotion = {"promotionId": f"PROMO-{self.chance.randrange(1000):03}"}
        return {"promotion": {"breakdowns": [promotion]}}

    def _tax(self) -> Document:
        if self.marketplace.sales_tax is None:
            return {}
        collection = {"model": "MARKETPLACE_FACILITATOR", "responsibleParty": "Amazon"}
        return {"tax": {"taxCollections": [collection]}}

    def _amounts(self, item: Decimal, *, is_gift: bool) -> LineAmounts:
        digit = Decimal(1).scaleb(-self.marketplace.exponent)
        pays_shipping = not self.is_amazon and self.chance.random() < 0.5
        fee = (Decimal("4.99") * self.marketplace.price_factor).quantize(digit)
        has_promotion = self.chance.random() < 0.15
        return LineAmounts(
            item=item,
            shipping=fee if pays_shipping else NOTHING,
            gift_wrap=fee if is_gift else NOTHING,
            item_discount=(item / 10).quantize(digit) if has_promotion else NOTHING,
            shipping_discount=fee if pays_shipping and has_promotion else NOTHING,
        )
