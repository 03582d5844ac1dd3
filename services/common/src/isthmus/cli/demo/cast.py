"""The workers: which there are, and all of their configuration."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import yaml

from isthmus.cli.demo.ends import Amazon, NetSuite
from isthmus.cli.demo.scene import PATHS, SELLERS, Scene, script
from isthmus.cli.demo.supervisor import Program
from isthmus.ops.settings import OpsSettings, load

INGEST: Final = "amazon-ingest"
ITEMS: Final = "inventory-publisher"
MAPPER: Final = "mapper"
WRITER: Final = "netsuite-writer"
SLOTS: Final = {INGEST: 1, ITEMS: 1, MAPPER: 2, WRITER: 2}

# As short as tests have them: a restarted worker has its partitions back at once either way, but
# one that hangs is missed sooner.
TIMEOUTS: Final = {
    "ISTHMUS_KAFKA_SESSION_TIMEOUT_S": "6",
    "ISTHMUS_KAFKA_MAX_POLL_INTERVAL_S": "12",
    "ISTHMUS_KAFKA_TRANSACTION_TIMEOUT_S": "15",
    "ISTHMUS_LIMIT_REBALANCE_BUDGET_S": "5",
    "ISTHMUS_LIMIT_HANDLER_DEADLINE_S": "4",
    "ISTHMUS_LIMIT_DRAIN_S": "15",
}
CURRENCIES: Final = {"USD": "1", "CAD": "2", "EUR": "4", "GBP": "5"}
NETSUITE_REQUESTS_EACH: Final = "4"

# What the simulated NetSuite calls things.
SUBSIDIARY: Final = "1"
WAREHOUSE: Final = "1"
AMAZON_FBA: Final = "2"
CHARGES: Final = {
    "shipping": "AMZ-SHIPPING",
    "gift_wrap": "AMZ-GIFT-WRAP",
    "discount": "AMZ-DISCOUNT",
    "tax": "AMZ-TAX",
}
TIME_ZONES: Final = {"acme-us": "America/Los_Angeles", "acme-eu": "Europe/Berlin"}
# Name, currency, and what becomes of the tax: Amazon remits sales tax, prices in Europe hold VAT.
MARKETPLACES: Final = {
    "US": ("Amazon.com", "USD", "omit"),
    "CA": ("Amazon.ca", "CAD", "omit"),
    "UK": ("Amazon.co.uk", "GBP", "included"),
    "DE": ("Amazon.de", "EUR", "included"),
}


def workers(
    scene: Scene, *, kafka: Mapping[str, str], amazon: Amazon, netsuite: NetSuite
) -> list[Program]:
    """Write the configuration of all workers, and return them.

    :param kafka: the variables that say where Kafka is.
    """
    accounts = _accounts(scene)
    logins = _netsuite(scene, netsuite)
    refused = scene.folder / "refused"
    refused.mkdir(exist_ok=True)
    shared = {**TIMEOUTS, **kafka, **_shown()}
    own = {
        INGEST: {
            "ISTHMUS_ACCOUNTS_PATH": accounts,
            "ISTHMUS_REFUSED_DIR": str(refused),
            "ISTHMUS_AMAZON_ENDPOINT": amazon.address,
            "ISTHMUS_AMAZON_TOKEN_ENDPOINT": f"{amazon.address}/auth/o2/token",
            **_amazon(scene, amazon.accounts()),
        },
        ITEMS: {"ISTHMUS_POLL_ACCOUNTS": json.dumps(list(SELLERS)), **logins},
        MAPPER: {"ISTHMUS_MAPPING_DIR": _mappings(scene, netsuite)},
        WRITER: {"ISTHMUS_WRITER_CURRENCIES": json.dumps(CURRENCIES), **logins},
    }
    return [
        _worker(scene, name, slot, {**shared, **own[name]})
        for name, slots in SLOTS.items()
        for slot in range(slots)
    ]


def tool(scene: Scene, *arguments: str, kafka: Mapping[str, str]) -> Program:
    """Return a call of isthmusctl against the Kafka of the run."""
    return Program(
        name="isthmusctl",
        slot=0,
        script=script("isthmusctl"),
        arguments=arguments,
        environment={**PATHS, **kafka},
        folder=scene.folder / "isthmusctl",
    )


def _shown() -> dict[str, str]:
    """Let the workers log and trace as this process was told to."""
    ops = load(OpsSettings)
    return {"ISTHMUS_LOG_LEVEL": ops.log_level, "ISTHMUS_OTLP_ENDPOINT": ops.otlp_endpoint}


def _worker(scene: Scene, name: str, slot: int, variables: Mapping[str, str]) -> Program:
    folder = scene.folder / f"{name}-{slot}"
    environment = {
        **PATHS,
        "ISTHMUS_SLOT": str(slot),
        "ISTHMUS_STATE_DIR": str(folder / "state"),
        "ISTHMUS_HTTP_PORT": "0",
        "ISTHMUS_CLOCK_FACTOR": f"{scene.clock_factor:g}",
        "ISTHMUS_MASTER_KEY_FILE": str(scene.master_key),
        **variables,
    }
    (folder / "state").mkdir(parents=True, exist_ok=True)
    return Program(
        name=name, slot=slot, script=script(name), environment=environment, folder=folder
    )


def _accounts(scene: Scene) -> str:
    accounts = {
        name: {"region": region, "marketplaces": list(ids)}
        for name, (region, ids, _) in SELLERS.items()
    }
    return str(scene.write("config/accounts.yaml", {"accounts": accounts}))


def _amazon(scene: Scene, accounts: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Mount the sellers' credentials."""
    variables = {}
    for account in accounts:
        prefix = f"ISTHMUS_AMAZON_{account['name'].replace('-', '_').upper()}_"
        for field in ("client_id", "client_secret", "refresh_token"):
            path = scene.secret(f"{account['name']}-{field}", account[field])
            variables[f"{prefix}{field.upper()}_FILE"] = str(path)
    return variables


def _netsuite(scene: Scene, netsuite: NetSuite) -> dict[str, str]:
    folder = scene.netsuite_credentials
    integration = yaml.safe_load((folder / "integration.yaml").read_text())
    return {
        "ISTHMUS_NETSUITE_BASE_URL": netsuite.address,
        "ISTHMUS_NETSUITE_CLIENT_ID": integration["client_id"],
        "ISTHMUS_NETSUITE_CERTIFICATE_ID": integration["certificates"][0]["id"],
        "ISTHMUS_NETSUITE_PRIVATE_KEY_FILE": str(folder / "private-key.pem"),
        "ISTHMUS_NETSUITE_CONCURRENCY": NETSUITE_REQUESTS_EACH,
    }


def _mappings(scene: Scene, netsuite: NetSuite) -> str:
    """Write the mapping file of each seller, and create the items that they name for charges."""
    ids = netsuite.add_items(list(CHARGES.values()))
    charges = {kind: {"id": ids[name], "name": name} for kind, name in CHARGES.items()}
    for seller, (_, marketplaces, codes) in SELLERS.items():
        parts = zip(marketplaces, codes, strict=True)
        mapping = {
            "time_zone": TIME_ZONES[seller],
            "marketplaces": {marketplace: _marketplace(code) for marketplace, code in parts},
            "charge_items": charges,
        }
        scene.write(f"config/mappings/{seller}.yaml", mapping)
    return str(scene.folder / "config" / "mappings")


def _marketplace(code: str) -> dict[str, object]:
    domain, currency, tax = MARKETPLACES[code]
    return {
        "name": domain,
        "currency": currency,
        "customer": {"external_id": f"AMZ-CUST-{code}", "name": f"Amazon customers ({domain})"},
        "locations": {"merchant": WAREHOUSE, "amazon": AMAZON_FBA},
        "tax": tax,
        "subsidiary": SUBSIDIARY,
    }
