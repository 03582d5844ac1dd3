"""Invented buyers with names and addresses as they are written where they live."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Final

from isthmus_sandbox.amazon.orders import Document


@dataclass(frozen=True, slots=True)
class _Country:
    given: tuple[str, ...]
    family: tuple[str, ...]
    streets: tuple[str, ...]
    """With `{n}` where the house number stands."""
    places: tuple[tuple[str, str, str], ...]
    """City, state or region, postal code."""
    phone: str
    companies: tuple[str, ...]
    is_family_first: bool = False


_COUNTRIES: Final = {
    "US": _Country(
        given=("Mary", "José", "Zoë", "D'Angelo", "Nguyễn Thị", "Łukasz", "Siobhán", "LaToya"),
        family=("Smith", "O'Brien", "Núñez-García", "Van der Berg", "Jr. Washington", "Nakamura"),
        streets=("{n} Main St", "{n} N 5th Ave #4B", "{n}½ Ocean Blvd", "PO Box {n}"),
        places=(("Seattle", "WA", "98101"), ("Austin", "TX", "78701"), ("New York", "NY", "10001")),
        phone="+1 206 555 01{d}",
        companies=("Harbor & Sons LLC", "ACME “West” Supply, Inc."),
    ),
    "CA": _Country(
        given=("Émilie", "Liam", "François-Xavier", "Ayesha"),
        family=("Tremblay", "MacDonald", "Côté", "Singh"),
        streets=("{n} rue Saint-Denis", "{n} Yonge Street, Unit 12"),
        places=(("Montréal", "QC", "H2X 1Y4"), ("Toronto", "ON", "M5H 2N2")),
        phone="+1 514 555 01{d}",
        companies=("Érablière du Nord Ltée",),
    ),
    "MX": _Country(
        given=("María José", "Ángel", "Itzel", "Íñigo"),
        family=("Hernández Peña", "Muñoz Ibáñez", "López Güemes"),
        streets=("Av. Insurgentes Sur {n}, Int. 3", "Calle Niños Héroes {n}"),
        places=(("Ciudad de México", "CDMX", "03100"), ("Mérida", "Yucatán", "97000")),
        phone="+52 55 5555 01{d}",
        companies=("Comercializadora Ñandú S.A. de C.V.",),
    ),
    "GB": _Country(
        given=("Niamh", "Oliver", "Seán", "Anwen"),
        family=("Taylor-Joy", "MacLeòid", "Llewellyn", "Patel"),
        streets=("Flat {n}, 22 Acacia Avenue", "{n} Llanfairpwllgwyngyll Road"),
        places=(("London", "England", "SW1A 1AA"), ("Cardiff", "Wales", "CF10 1EP")),
        phone="+44 20 7946 00{d}",
        companies=("Crumb & Co. Bakers",),
    ),
    "DE": _Country(
        given=("Jürgen", "Anna-Lena", "Mehmet", "Björn"),
        family=("Müller", "Groß", "Yılmaz", "von und zu Weißenfels"),  # noqa: RUF001 (Turkish)
        streets=("Königstraße {n}", "Straße des 17. Juni {n}"),
        places=(("Köln", "Nordrhein-Westfalen", "50667"), ("München", "Bayern", "80331")),
        phone="+49 30 23125 0{d}",
        companies=("Schäfer & Söhne GmbH",),
    ),
    "JP": _Country(
        given=("花子", "太郎", "さくら", "健一"),
        family=("佐藤", "髙橋", "鈴木", "齋藤"),
        streets=("丸の内1丁目{n}番1号", "道玄坂2-{n} サンシャインマンション203"),
        places=(("千代田区", "東京都", "100-0005"), ("渋谷区", "東京都", "150-0043")),
        phone="+81 3 5555 01{d}",
        companies=("株式会社山本商店",),
        is_family_first=True,
    ),
}
_GIFT_MESSAGES: Final = (
    "Happy birthday, Grandma! ❤",
    "Alles Gute zum Geburtstag, Jürgen!",
    "お誕生日おめでとうございます",
    "Feliz cumpleaños, ¡te queremos!",
)


@dataclass(frozen=True, slots=True)
class Person:
    """A buyer, and the address that is delivered to."""

    buyer: Document
    address: Document


def invented_person(chance: random.Random, *, country: str, is_business: bool) -> Person:
    """Return a buyer who lives in this country."""
    home = _COUNTRIES[country]
    given, family = chance.choice(home.given), chance.choice(home.family)
    name = f"{family} {given}" if home.is_family_first else f"{given} {family}"
    city, region, postal_code = chance.choice(home.places)
    email = f"{chance.getrandbits(60):013x}@marketplace.amazon.example"
    buyer: Document = {"buyerName": name, "buyerEmail": email}
    address: Document = {
        "name": name,
        "addressLine1": chance.choice(home.streets).format(n=chance.randint(1, 999)),
        "city": city,
        "stateOrRegion": region,
        "postalCode": postal_code,
        "countryCode": country,
        "phone": home.phone.format(d=f"{chance.randint(0, 99):02}"),
        "addressType": "COMMERCIAL" if is_business else "RESIDENTIAL",
    }
    if is_business:
        company = chance.choice(home.companies)
        buyer["buyerCompanyName"] = address["companyName"] = company
        buyer["buyerPurchaseOrderNumber"] = f"PO-{chance.randint(1000, 9999)}"
    return Person(buyer=buyer, address=address)


def invented_gift_message(chance: random.Random) -> str:
    """Return what a buyer may write to the receiver of a gift."""
    return chance.choice(_GIFT_MESSAGES)
