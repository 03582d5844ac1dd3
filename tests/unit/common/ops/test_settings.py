"""The settings of a worker: defaults, slot, schemas, and bounds that contradict each other."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest
from pydantic import SecretStr, ValidationError

from isthmus.ops.configuration import ConfigurationError
from isthmus.ops.settings import (
    KafkaSettings,
    LimitSettings,
    LocalKafkaSettings,
    OpsSettings,
    SchemaSettings,
    WorkerSettings,
    find_schemas,
    load,
    slot_of,
)

pytestmark = pytest.mark.usefixtures("environment")


class PostmanSettings(WorkerSettings):
    service: Literal["postman"] = "postman"


def a_worker(
    *, kafka: KafkaSettings | None = None, limits: LimitSettings | None = None, slot: int = 0
) -> WorkerSettings:
    return WorkerSettings(
        service="postman",
        slot=slot,
        kafka=kafka or KafkaSettings(bootstrap_servers="localhost:9092"),
        limits=limits or LimitSettings(),
        ops=OpsSettings(),
        schemas=SchemaSettings(),
    )


class TestWorkerSettings:
    def test_loads_with_brokers_and_slot_alone(self, environment: pytest.MonkeyPatch) -> None:
        environment.setenv("ISTHMUS_KAFKA_BOOTSTRAP_SERVERS", "a:9092,b:9092")
        environment.setenv("ISTHMUS_SLOT", "3")

        settings = load(PostmanSettings)

        assert (settings.service, settings.slot) == ("postman", 3)
        assert settings.kafka.bootstrap_servers == "a:9092,b:9092"

    def test_refuses_the_name_of_another_service(self, environment: pytest.MonkeyPatch) -> None:
        environment.setenv("ISTHMUS_KAFKA_BOOTSTRAP_SERVERS", "a:9092")
        environment.setenv("ISTHMUS_SLOT", "3")
        environment.setenv("ISTHMUS_SERVICE", "milkman")

        with pytest.raises(ConfigurationError, match=r"ISTHMUS_SERVICE: .*'postman'"):
            load(PostmanSettings)

    @pytest.mark.parametrize("slot", [-1, 10_000])
    def test_refuses_a_slot_out_of_range(self, slot: int) -> None:
        with pytest.raises(ValidationError, match="slot"):
            a_worker(slot=slot)

    def test_refuses_a_revoke_that_may_outlast_the_poll_interval(self) -> None:
        kafka = KafkaSettings(bootstrap_servers="a:1", session_timeout_s=6, max_poll_interval_s=10)

        with pytest.raises(ConfigurationError, match=r"REBALANCE_BUDGET_S: 5 s .* below 5"):
            a_worker(kafka=kafka)

    def test_accepts_a_revoke_just_below_half_of_the_poll_interval(self) -> None:
        kafka = KafkaSettings(bootstrap_servers="a:1", session_timeout_s=6, max_poll_interval_s=10)
        limits = LimitSettings(rebalance_budget_s=4.9)

        assert a_worker(kafka=kafka, limits=limits).limits is limits

    def test_refuses_a_transaction_that_ends_before_a_revoke(self) -> None:
        kafka = KafkaSettings(bootstrap_servers="a:1", transaction_timeout_s=5)

        with pytest.raises(ConfigurationError, match="TRANSACTION_TIMEOUT_S: 5 s is not above"):
            a_worker(kafka=kafka)

    def test_refuses_a_stall_limit_below_the_time_of_a_restore(self) -> None:
        with pytest.raises(ConfigurationError, match=r"STALL_S: 45 s .*\. Remedy: set it above 45"):
            a_worker(limits=LimitSettings(stall_s=45, handler_deadline_s=10))

    def test_refuses_facts_larger_than_a_record(self) -> None:
        kafka = KafkaSettings(bootstrap_servers="a:1", message_bytes=1_000_000)

        with pytest.raises(ConfigurationError, match="FACT_BYTES"):
            a_worker(kafka=kafka)

    def test_tells_all_contradictions_at_once(self) -> None:
        kafka = KafkaSettings(
            bootstrap_servers="a:1",
            session_timeout_s=6,
            max_poll_interval_s=10,
            transaction_timeout_s=5,
        )

        with pytest.raises(ConfigurationError) as error:
            a_worker(kafka=kafka)

        assert len(error.value.problems) == 2


class TestSlotOf:
    @pytest.mark.parametrize(
        ("host_name", "slot"),
        [("mapper-0", 0), ("netsuite-writer-12", 12), ("mapper-3.isthmus.svc.cluster.local", 3)],
    )
    def test_is_the_number_at_the_end(self, host_name: str, slot: int) -> None:
        assert slot_of(host_name) == slot

    @pytest.mark.parametrize("host_name", ["laptop", "3f2a1b9c0d12", "mapper-x7", "mapper-", ""])
    def test_is_never_guessed(self, host_name: str) -> None:
        with pytest.raises(ValueError, match="does not end in -<number>"):
            slot_of(host_name)


class TestKafkaSettings:
    def test_has_the_defaults_of_production(self) -> None:
        kafka = KafkaSettings(bootstrap_servers="a:9092")

        assert (kafka.session_timeout_s, kafka.max_poll_interval_s) == (15, 300)
        assert (kafka.transaction_timeout_s, kafka.group_protocol) == (30, "classic")

    @pytest.mark.parametrize("servers", ["kafka", "a:9092,", "a 9092", "a:x", "http://a:9092"])
    def test_refuses_what_is_no_list_of_addresses(self, servers: str) -> None:
        with pytest.raises(ValidationError, match="bootstrap_servers"):
            KafkaSettings(bootstrap_servers=servers)

    def test_names_what_a_login_lacks(self) -> None:
        with pytest.raises(ConfigurationError) as error:
            KafkaSettings(
                bootstrap_servers="a:9092", security_protocol="SASL_SSL", sasl_username="me"
            )

        assert [problem.where for problem in error.value.problems] == [
            "ISTHMUS_KAFKA_SASL_MECHANISM",
            "ISTHMUS_KAFKA_SASL_PASSWORD",
        ]

    def test_accepts_a_whole_login(self) -> None:
        kafka = KafkaSettings(
            bootstrap_servers="a:9092",
            security_protocol="SASL_SSL",
            sasl_mechanism="SCRAM-SHA-512",
            sasl_username="me",
            sasl_password=SecretStr("hidden"),
        )

        assert "hidden" not in repr(kafka)

    def test_refuses_a_key_without_a_certificate(self, tmp_path: Path) -> None:
        key = tmp_path / "key.pem"
        key.touch()

        with pytest.raises(ConfigurationError, match="SSL_KEY_PATH"):
            KafkaSettings(bootstrap_servers="a:9092", ssl_key_path=key)

    def test_refuses_a_session_as_long_as_the_poll_interval(self) -> None:
        with pytest.raises(ConfigurationError, match="SESSION_TIMEOUT_S"):
            KafkaSettings(bootstrap_servers="a:1", session_timeout_s=10, max_poll_interval_s=10)

    def test_refuses_a_registry_address_with_a_login_in_it(self) -> None:
        with pytest.raises(ValidationError, match="registry_url"):
            KafkaSettings(bootstrap_servers="a:1", registry_url="https://me:hidden@registry")


class TestLimitSettings:
    def test_has_a_window_whose_completion_map_fits_a_commit(self) -> None:
        with pytest.raises(ValidationError, match="window_span"):
            LimitSettings(window_span=20_001)

    def test_refuses_a_handler_that_passes_for_a_stall(self) -> None:
        with pytest.raises(ConfigurationError, match="HANDLER_DEADLINE_S"):
            LimitSettings(handler_deadline_s=120)

    def test_refuses_a_drain_shorter_than_a_revoke(self) -> None:
        with pytest.raises(ConfigurationError, match="DRAIN_S"):
            LimitSettings(drain_s=5)

    def test_refuses_a_cap_below_the_base(self) -> None:
        with pytest.raises(ConfigurationError, match="BACKOFF_CAP_S"):
            LimitSettings(backoff_base_s=10, backoff_cap_s=5)

    def test_refuses_what_is_no_bound(self) -> None:
        with pytest.raises(ValidationError, match="stall_s"):
            LimitSettings(stall_s=float("inf"))


class TestLocalKafkaSettings:
    @pytest.mark.parametrize("mode", ["embedded", "container", "127.0.0.1:9092"])
    def test_knows_three_ways(self, environment: pytest.MonkeyPatch, mode: str) -> None:
        environment.setenv("ISTHMUS_KAFKA_MODE", mode)

        assert load(LocalKafkaSettings).mode == mode

    def test_refuses_a_fourth(self, environment: pytest.MonkeyPatch) -> None:
        environment.setenv("ISTHMUS_KAFKA_MODE", "emulator")

        with pytest.raises(ConfigurationError, match="ISTHMUS_KAFKA_MODE"):
            load(LocalKafkaSettings)


class TestSchemaSettings:
    def test_finds_the_folder_of_the_project(self) -> None:
        assert (SchemaSettings().schemas_dir / "topics.yaml").is_file()

    def test_refuses_a_folder_without_the_list_of_topics(
        self, environment: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        environment.setenv("ISTHMUS_SCHEMAS_DIR", str(tmp_path))

        with pytest.raises(ConfigurationError, match=r"ISTHMUS_SCHEMAS_DIR: .* holds no topics"):
            load(SchemaSettings)


class TestFindSchemas:
    def test_walks_up(self, tmp_path: Path) -> None:
        (tmp_path / "schemas").mkdir()
        (tmp_path / "schemas" / "topics.yaml").touch()

        assert find_schemas(tmp_path / "a" / "b" / "c.py") == tmp_path.resolve() / "schemas"

    def test_tells_when_there_is_none(self, tmp_path: Path) -> None:
        with pytest.raises(ValueError, match=r"holds schemas/topics\.yaml"):
            find_schemas(tmp_path / "a.py")
