"""The settings of the connection."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from tests.unit.common.netsuite.parts import a_pem, settings


class TestNetSuiteSettings:
    def test_never_shows_the_key(self) -> None:
        assert a_pem() not in repr(settings())

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("base_url", "1234567.suitetalk.api.netsuite.com"),
            ("base_url", "https://host/services"),
            ("private_key", "not a key"),
            ("concurrency", 0),
            ("answer_timeout_s", 0),
        ],
    )
    def test_refuses_what_cannot_work_and_names_it(self, field: str, value: object) -> None:
        with pytest.raises(ValidationError, match=field) as refused:
            settings(**{field: value})

        assert "not a key" not in str(refused.value)
