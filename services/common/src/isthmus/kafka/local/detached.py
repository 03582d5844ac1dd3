"""A local Kafka that outlives the command that started it."""

from __future__ import annotations

import fcntl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec

from isthmus.kafka.local import container
from isthmus.kafka.local.cluster import refuse_impossible
from isthmus.kafka.local.embedded import embedded_cluster
from isthmus.kafka.local.errors import LocalKafkaUnavailable
from isthmus.kafka.local.mode import Kind, parse_mode
from isthmus.kafka.local.run import Run, State, end_run, state
from isthmus.kafka.local.settings import EmbeddedSettings

RUN_FILE: Final = "kafka.json"


class DetachedKafka:
    """The Kafka that a folder remembers, if there is one.

    :param run_dir: the folder; several Kafkas can be up, each in a folder of its own.
    """

    def __init__(self, run_dir: Path, *, settings: EmbeddedSettings) -> None:
        self._folder = run_dir
        self._file = run_dir / RUN_FILE
        self._settings = settings

    def up(self, *, mode: str, nodes: int, data: Path | None) -> Run:
        """Start a Kafka, or return the one that is up already.

        :raises LocalKafkaUnavailable: it cannot be had, or another one is in the way.
        """
        with self._locked():
            run = self.read()
            if run is not None and (found := state(run)) is not State.DOWN:
                _refuse_other(run, found, nodes=nodes)
                return run
            self._end(run)
            return self._start(mode=mode, nodes=nodes, data=data)

    def down(self) -> Run | None:
        """End what ``up`` started, and return it; nothing else is ever ended."""
        with self._locked():
            run = self.read()
            self._end(run)
            return run

    def read(self) -> Run | None:
        """Return what ``up`` started, if anything.

        :raises LocalKafkaUnavailable: the file does not say.
        """
        try:
            return msgspec.json.decode(self._file.read_bytes(), type=Run)
        except FileNotFoundError:
            return None
        except msgspec.DecodeError as error:
            raise LocalKafkaUnavailable(
                f"{self._file} cannot be read: {error}",
                remedy="end the Java processes that it names, then delete it",
            ) from error

    def _start(self, *, mode: str, nodes: int, data: Path | None) -> Run:
        kind = parse_mode(mode).kind
        refuse_impossible(kind, nodes=nodes, data=data)
        if kind is Kind.EMBEDDED:
            return self._start_embedded(nodes=nodes, data=data)
        if kind is Kind.CONTAINER:
            return self._start_container()
        raise LocalKafkaUnavailable(
            f"ISTHMUS_KAFKA_MODE={mode} names a Kafka that runs already: there is none to start",
            remedy="use it, or set ISTHMUS_KAFKA_MODE to embedded or container",
        )

    def _start_embedded(self, *, nodes: int, data: Path | None) -> Run:
        embedded = embedded_cluster(nodes=nodes, data=data, settings=self._settings)
        with embedded as (cluster, guard):
            run = Run(
                bootstrap_servers=cluster.bootstrap_servers,
                nodes=cluster.nodes,
                description=cluster.description,
                processes=tuple(guard.running().values()),
                folder=str(cluster.folder),
                kept=data is not None,
            )
            self._write(run)
            # Until here the guard ends everything if this command is interrupted.
            guard.release()
        return run

    def _start_container(self) -> Run:
        container_id, cluster = container.start_detached()
        run = Run(
            bootstrap_servers=cluster.bootstrap_servers,
            nodes=cluster.nodes,
            description=cluster.description,
            container=container_id,
        )
        self._write(run)
        return run

    def _end(self, run: Run | None) -> None:
        if run is not None:
            end_run(run, patience_s=self._settings.stop_timeout_s)
            self._file.unlink()

    def _write(self, run: Run) -> None:
        with tempfile.NamedTemporaryFile(dir=self._folder, delete=False) as file:
            file.write(msgspec.json.format(msgspec.json.encode(run)))
        Path(file.name).replace(self._file)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self._folder.mkdir(parents=True, exist_ok=True)
        with self._file.with_suffix(".lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise LocalKafkaUnavailable(
                    f"another `isthmusctl kafka` is at work in {self._folder}",
                    remedy="wait for its end",
                ) from error
            yield


def _refuse_other(run: Run, found: State, *, nodes: int) -> None:
    if run.nodes != nodes or found is State.BROKEN:
        what = f"has {run.nodes} nodes, not {nodes}" if run.nodes != nodes else "does not answer"
        raise LocalKafkaUnavailable(
            f"a Kafka is there already, at {run.bootstrap_servers}, and {what}",
            remedy="isthmusctl kafka down, then up again",
        )
