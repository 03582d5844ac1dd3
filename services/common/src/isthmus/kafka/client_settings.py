"""The settings of Kafka's clients, by their names in librdkafka, each with its reason."""

from __future__ import annotations

from typing import Any

from isthmus.ops.kafka_settings import KafkaSettings

Settings = dict[str, Any]


def connection(kafka: KafkaSettings) -> Settings:
    """Return how to reach the brokers."""
    settings: Settings = {
        "bootstrap.servers": kafka.bootstrap_servers,
        "security.protocol": kafka.security_protocol,
        "message.max.bytes": kafka.message_bytes,
    }
    optional = {
        "ssl.ca.location": kafka.ssl_ca_path,
        "ssl.certificate.location": kafka.ssl_certificate_path,
        "ssl.key.location": kafka.ssl_key_path,
        "ssl.key.password": kafka.ssl_key_password,
        "sasl.mechanism": kafka.sasl_mechanism,
        "sasl.username": kafka.sasl_username,
        "sasl.password": kafka.sasl_password,
    }
    for name, value in optional.items():
        if value is not None:
            secret = getattr(value, "get_secret_value", None)
            settings[name] = secret() if secret is not None else str(value)
    return settings


def group_consumer(kafka: KafkaSettings, *, group: str, instance_id: str) -> Settings:
    """Return a member of a consumer group: static, and with source and retry on one member."""
    settings = table_consumer(kafka, group=group) | {
        "group.instance.id": instance_id,
        "max.poll.interval.ms": int(kafka.max_poll_interval_s * 1000),
        "enable.partition.eof": False,
    }
    if kafka.group_protocol == "consumer":
        # The broker's own default, uniform, never puts partition p of two topics on one member.
        return settings | {"group.protocol": "consumer", "group.remote.assignor": "range"}
    return settings | {
        "group.protocol": "classic",
        "partition.assignment.strategy": "range",
        "session.timeout.ms": int(kafka.session_timeout_s * 1000),
        "heartbeat.interval.ms": int(kafka.session_timeout_s * 1000 / 5),
    }


def table_consumer(kafka: KafkaSettings, *, group: str) -> Settings:
    """Return a consumer that is told what to read, and commits nothing."""
    return connection(kafka) | {
        "group.id": group,
        "isolation.level": "read_committed",
        "enable.auto.commit": False,
        "enable.auto.offset.store": False,
        # A position that has left the log is a loss: it must be seen, not skipped.
        "auto.offset.reset": "error",
        "enable.partition.eof": True,
        "fetch.wait.max.ms": 50,
        "fetch.message.max.bytes": 1024 * 1024,
        "queued.max.messages.kbytes": kafka.fetch_queue_bytes // 1024,
    }


def transactional_producer(kafka: KafkaSettings, *, transactional_id: str) -> Settings:
    """Return the producer of a slot."""
    return connection(kafka) | {
        "transactional.id": transactional_id,
        "transaction.timeout.ms": int(kafka.transaction_timeout_s * 1000),
        "acks": "all",
        "enable.idempotence": True,
        "linger.ms": 0,
        "compression.type": "lz4",
        # After a commit the coordinator is busy for a moment; the default waits 100 ms for it,
        # which is most of the time of a small transaction.
        "retry.backoff.ms": 1,
        "retry.backoff.max.ms": 50,
        # As in Java's clients, so that one key lies in one partition whoever wrote it.
        "partitioner": "murmur2_random",
    }
