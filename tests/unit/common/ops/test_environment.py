"""From variables and mounted files to settings, or to one clear refusal."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import SettingsConfigDict

from isthmus.ops.configuration import ConfigurationError
from isthmus.ops.environment import MOUNTED_BYTES_MAX, Settings, load, table

SECRET = "correct-horse-battery"


class Mail(Settings):
    model_config = SettingsConfigDict(env_prefix="ISTHMUS_MAIL_")

    host: str = Field(description="the mail server")
    port: int = Field(default=25, ge=1, le=65535, description="its port")
    password: SecretStr | None = Field(default=None, description="the password")


class Program(Settings):
    name: str = Field(description="the name of the program")
    folders: tuple[str, ...] = Field(default=(), description="folders, as JSON")
    mail: Mail


@pytest.fixture
def variables(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setenv("ISTHMUS_NAME", "postman")
    monkeypatch.setenv("ISTHMUS_MAIL_HOST", "mail")
    return monkeypatch


def where(error: pytest.ExceptionInfo[ConfigurationError]) -> list[str]:
    return [problem.where for problem in error.value.problems]


class TestLoad:
    @pytest.mark.usefixtures("variables")
    def test_adds_the_pieces_up(self) -> None:
        program = load(Program)

        assert (program.name, program.mail.host, program.mail.port) == ("postman", "mail", 25)

    @pytest.mark.usefixtures("variables")
    def test_gives_frozen_settings(self) -> None:
        program = load(Program)

        with pytest.raises(ValidationError, match="frozen"):
            program.name = "other"

    def test_names_every_missing_variable_at_once(self) -> None:
        with pytest.raises(ConfigurationError) as error:
            load(Program)

        assert sorted(where(error)) == ["ISTHMUS_MAIL_HOST", "ISTHMUS_NAME"]

    def test_tells_the_remedy(self) -> None:
        with pytest.raises(
            ConfigurationError,
            match=r"ISTHMUS_MAIL_HOST: is not set\. Remedy: set it to the mail server",
        ):
            load(Program)

    def test_names_an_invalid_variable_but_not_its_value(
        self, variables: pytest.MonkeyPatch
    ) -> None:
        variables.setenv("ISTHMUS_MAIL_PORT", SECRET)

        with pytest.raises(ConfigurationError) as error:
            load(Program)

        assert where(error) == ["ISTHMUS_MAIL_PORT"]
        assert SECRET not in str(error.value)

    def test_hides_the_value_from_whoever_makes_settings_by_hand(self) -> None:
        with pytest.raises(ValidationError) as error:
            Mail.model_validate({"host": "mail", "port": SECRET})

        assert SECRET not in str(error.value)

    def test_takes_an_empty_variable_for_one_that_is_not_set(
        self, variables: pytest.MonkeyPatch
    ) -> None:
        variables.setenv("ISTHMUS_NAME", "")

        with pytest.raises(ConfigurationError) as error:
            load(Program)

        assert where(error) == ["ISTHMUS_NAME"]

    def test_reads_collections_as_json(self, variables: pytest.MonkeyPatch) -> None:
        variables.setenv("ISTHMUS_FOLDERS", '["a", "b"]')

        assert load(Program).folders == ("a", "b")

    def test_names_the_variable_of_broken_json_but_not_its_value(
        self, variables: pytest.MonkeyPatch
    ) -> None:
        variables.setenv("ISTHMUS_FOLDERS", SECRET)

        with pytest.raises(ConfigurationError) as error:
            load(Program)

        assert where(error) == ["ISTHMUS_FOLDERS"]
        assert SECRET not in str(error.value)

    def test_points_into_a_collection(self, variables: pytest.MonkeyPatch) -> None:
        variables.setenv("ISTHMUS_FOLDERS", '["a", 7]')

        with pytest.raises(ConfigurationError) as error:
            load(Program)

        assert where(error) == ["ISTHMUS_FOLDERS[1]"]


class TestMountedFile:
    def test_gives_the_value_without_its_line_end(
        self, variables: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        (tmp_path / "password").write_text(f"{SECRET}\n")
        variables.setenv("ISTHMUS_MAIL_PASSWORD_FILE", str(tmp_path / "password"))

        password = load(Program).mail.password

        assert password is not None
        assert password.get_secret_value() == SECRET

    def test_never_shows_a_secret_in_a_repr(
        self, variables: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        (tmp_path / "password").write_text(SECRET)
        variables.setenv("ISTHMUS_MAIL_PASSWORD_FILE", str(tmp_path / "password"))

        program = load(Program)

        assert SECRET not in f"{program!r} {program} {program.model_dump()}"

    def test_is_refused_beside_the_variable_itself(
        self, variables: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        variables.setenv("ISTHMUS_MAIL_PASSWORD", SECRET)
        variables.setenv("ISTHMUS_MAIL_PASSWORD_FILE", str(tmp_path / "password"))

        with pytest.raises(ConfigurationError, match=r"ISTHMUS_MAIL_PASSWORD: .*keep one"):
            load(Program)

    def test_names_its_variable_when_it_is_missing(
        self, variables: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        variables.setenv("ISTHMUS_MAIL_PASSWORD_FILE", str(tmp_path / "nothing"))

        with pytest.raises(ConfigurationError, match="No such file") as error:
            load(Program)

        assert where(error) == ["ISTHMUS_MAIL_PASSWORD_FILE"]

    @pytest.mark.parametrize("content", [b"x" * (MOUNTED_BYTES_MAX + 1), b"\xff" + SECRET.encode()])
    def test_is_refused_when_it_is_no_text_of_bounded_size(
        self, variables: pytest.MonkeyPatch, tmp_path: Path, content: bytes
    ) -> None:
        (tmp_path / "password").write_bytes(content)
        variables.setenv("ISTHMUS_MAIL_PASSWORD_FILE", str(tmp_path / "password"))

        with pytest.raises(ConfigurationError, match="ISTHMUS_MAIL_PASSWORD_FILE") as error:
            load(Program)

        assert SECRET not in str(error.value)
        assert error.value.__cause__ is None


class TestTable:
    def test_has_a_row_for_each_variable_of_each_piece(self) -> None:
        rows = table(Program).splitlines()[2:]

        assert rows == [
            "| `ISTHMUS_NAME` | required | the name of the program |",
            "| `ISTHMUS_FOLDERS` | `()` | folders, as JSON |",
            "| `ISTHMUS_MAIL_HOST` | required | the mail server |",
            "| `ISTHMUS_MAIL_PORT` | `25` | its port |",
            "| `ISTHMUS_MAIL_PASSWORD` |  | the password |",
        ]
