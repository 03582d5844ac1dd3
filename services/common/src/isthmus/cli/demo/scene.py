"""The folder of a run, and the two simulated ends in it."""

from __future__ import annotations

import base64
import secrets
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml

from isthmus.cli.demo.supervisor import Program, last_lines
from isthmus.kafka.local.guard import Child
from isthmus.ops.clock import Clock

# Region, marketplaces as Amazon's ids, and as the sandbox calls them.
SELLERS: Final = {
    "acme-us": ("na", ("ATVPDKIKX0DER", "A2EUQ1WTGCTBG2"), ("US", "CA")),
    "acme-eu": ("eu", ("A1F83G8C2ARO7P", "A1PA6795UKMFR9"), ("UK", "DE")),
}
SANDBOX: Final = "isthmus-sandbox"
PORT_S: Final = 60.0
NETSUITE_REQUESTS: Final = 10
PATHS: Final = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}


class NoSandbox(Exception):
    """An end did not come up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What all processes of a run share."""

    folder: Path
    clock_factor: float
    seed: int

    @property
    def netsuite_credentials(self) -> Path:
        """Return the folder of the integration's key and certificate."""
        return self.folder / "secrets" / "netsuite"

    @property
    def master_key(self) -> Path:
        """Return the file of the key that wraps the keys of personal data."""
        return self.folder / "secrets" / "master-key"

    def secret(self, name: str, value: str) -> Path:
        """Write a secret as it would be mounted."""
        path = self.folder / "secrets" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(value)
        return path

    def write(self, name: str, content: object) -> Path:
        """Write a file of the configuration."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.safe_dump(content, sort_keys=False))
        return path

    def prepare(self) -> None:
        """Make the keys."""
        self.secret("master-key", base64.b64encode(secrets.token_bytes(32)).decode())
        subprocess.run(  # noqa: S603 - our own program
            [script(SANDBOX), "credentials", self.netsuite_credentials],
            check=True,
            capture_output=True,
        )


def script(name: str) -> Path:
    """Return the path of a program that was installed with this one."""
    return Path(sys.executable).parent / name


def amazon(scene: Scene) -> Program:
    """Return the simulated Amazon, with the sellers and without orders."""
    sellers = [
        {"name": name, "marketplaces": list(codes)} for name, (_, _, codes) in SELLERS.items()
    ]
    scenario = scene.write("config/scenario.yaml", {"accounts": sellers})
    return _end(scene, "amazon", "--scenario", str(scenario))


def netsuite(scene: Scene) -> Program:
    """Return the simulated NetSuite."""
    integration = str(scene.netsuite_credentials / "integration.yaml")
    requests = ("--concurrency", str(NETSUITE_REQUESTS))
    return _end(scene, "netsuite", "--integration", integration, *requests)


def _end(scene: Scene, name: str, *more: str) -> Program:
    folder = scene.folder / name
    options = {
        "--seed": str(scene.seed),
        "--clock-factor": f"{scene.clock_factor:g}",
        "--state": str(folder / "state"),
        "--port-file": str(_port_file(folder)),
    }
    return Program(
        name=name,
        slot=0,
        script=script(SANDBOX),
        arguments=(name, *more, *(part for option in options.items() for part in option)),
        environment=PATHS,
        folder=folder,
    )


def ports(programs: Sequence[tuple[Program, Child]], clock: Clock) -> list[int]:
    """Wait until the ends listen, and return where.

    :raises NoSandbox: one has ended, or takes too long.
    """
    until = clock.monotonic() + PORT_S
    for program, child in programs:
        while not _port_file(program.folder).is_file():
            if child.poll() is not None or clock.monotonic() > until:
                raise NoSandbox(f"{program.name} does not come up:\n{last_lines(program.log)}")
            clock.sleep(0.05)
    return [int(_port_file(program.folder).read_text()) for program, _ in programs]


def _port_file(folder: Path) -> Path:
    return folder / "port"
