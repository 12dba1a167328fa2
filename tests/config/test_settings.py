"""Every setting, right and wrong, from each of its sources; a refusal is one line that names it."""

import os
from pathlib import Path

import pytest

from worker.config import SETTINGS, Settings
from worker.errors import SettingError
from worker.settings_source import as_environment, load

RIGHT = {
    "KAFKA_BOOTSTRAP_SERVERS": ("a:1, b:65535,[::1]:9092", "a:1, b:65535,[::1]:9092"),
    "KAFKA_SECURITY_PROTOCOL": ("ssl", "SSL"),
    "KAFKA_SASL_MECHANISM": ("scram-sha-512", "SCRAM-SHA-512"),
    "APP_ID": ("shop.worker_1", "shop.worker_1"),
    "TOPIC_PREFIX": ("acme.", "acme."),
    "PARTITIONS": ("12", 12),
    "REPLICATION_FACTOR": ("3", 3),
    "PROCESSING_GUARANTEE": ("at_least_once", "at_least_once"),
    "COMPLETION_GRACE": ("0.5", 0.5),
    "MAX_DEAD_LETTERS": ("0", 0),
    "WORKER_SLOT": ("7", "7"),
    "STATE_DIR": ("state", "state"),
    "REDIS_URL": ("rediss://host:6380/1", "rediss://host:6380/1"),
    "HTTP_HOST": ("0.0.0.0", "0.0.0.0"),  # noqa: S104 - only read, not listened on
    "HTTP_PORT": ("0", 0),
    "TIMELINE_ENTRIES": ("1000", 1000),
    "LOG_FORMAT": ("json", "json"),
    "LOG_LEVEL": ("debug", "DEBUG"),
    "SESSION_TIMEOUT": ("45", 45.0),
    "TRANSACTION_TIMEOUT": ("20", 20.0),
    "TRANSACTION_RECORDS": ("100", 100),
    "SWEEP_STEP": ("50", 50),
    "BROKER_PATIENCE": ("0", 0.0),
    "WATCHDOG_SECONDS": ("120", 120.0),
}
NEEDS_OTHERS = {
    "KAFKA_SASL_USERNAME", "KAFKA_SASL_PASSWORD", "KAFKA_SSL_CAFILE", "KAFKA_SSL_CERTFILE", "KAFKA_SSL_KEYFILE",
    "CONSOLE_TOKENS_FILE",
}  # fmt: skip
"""Tested below, with what they need."""
WRONG = {
    "KAFKA_BOOTSTRAP_SERVERS": ["host", "host:", "host:0", "host:65536", ":9092", "http://h:1/x", " , "],
    "KAFKA_SECURITY_PROTOCOL": ["TLS"],
    "KAFKA_SASL_MECHANISM": ["GSSAPI"],
    "KAFKA_SASL_USERNAME": ["used-without-sasl"],
    "KAFKA_SASL_PASSWORD": ["used-without-sasl"],
    "KAFKA_SSL_CAFILE": ["/nowhere/ca.pem"],
    "KAFKA_SSL_CERTFILE": ["/nowhere/cert.pem"],
    "KAFKA_SSL_KEYFILE": ["/nowhere/key.pem"],
    "APP_ID": ["a b", "é", "x" * 201],
    "TOPIC_PREFIX": ["a b", "a/", "x" * 240],
    "PARTITIONS": ["0", "-1", "four", "2.5", "10001"],
    "REPLICATION_FACTOR": ["0", "x"],
    "PROCESSING_GUARANTEE": ["at_most_once"],
    "COMPLETION_GRACE": ["-1", "nan", "inf", "1m"],
    "MAX_DEAD_LETTERS": ["-1", "some"],
    "WORKER_SLOT": ["one", "-1", "1.5", "\u0661"],
    "STATE_DIR": [__file__],
    "REDIS_URL": [
        "localhost:6379",
        "http://x",
        "redis//",
        "redis://h:x/0",
        "redis://h:65536",
        "redis://h/abc",
        "redis://u:p/w@h/0",
        "redis://[::1",
    ],
    "HTTP_HOST": [],
    "HTTP_PORT": ["65536", "-1", "http"],
    "CONSOLE_TOKENS_FILE": ["/nowhere/tokens"],
    "TIMELINE_ENTRIES": ["0", "1000001", "all"],
    "LOG_FORMAT": ["xml"],
    "LOG_LEVEL": ["LOUD"],
    "SESSION_TIMEOUT": ["0", "x"],
    "TRANSACTION_TIMEOUT": ["0", "901"],
    "TRANSACTION_RECORDS": ["0", "1.5"],
    "SWEEP_STEP": ["0", "100001"],
    "BROKER_PATIENCE": ["-1", "3601"],
    "WATCHDOG_SECONDS": ["1", "10"],
}


@pytest.fixture(autouse=True)
def nothing_around(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An empty directory, so that no ``.env`` of whoever runs the tests is read."""
    monkeypatch.chdir(tmp_path)


def refusal(environ: dict[str, str] | None = None, **kwargs: object) -> str:
    with pytest.raises(SettingError) as refused:
        load(environ=environ or {}, **kwargs)
    assert refused.value.exit_code == 2
    assert "\n" not in str(refused.value)
    return str(refused.value)


def test_these_tests_know_every_setting() -> None:
    names = {setting.name for setting in SETTINGS.values()}
    assert set(WRONG) == names
    assert set(RIGHT) | NEEDS_OTHERS == names


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_value_from_each_source(name: str, tmp_path: Path) -> None:
    text, value = RIGHT[name]
    file = tmp_path / "some.env"
    file.write_text(f'{name}="{text}"\n')
    field = name.lower()
    for loaded in (load({field: text}, environ={}), load(environ={name: text}), load(environ={}, env_file=file)):
        assert getattr(loaded.settings, field) == value
        assert loaded.given == {field}


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in WRONG.items() for text in texts])
def test_a_wrong_value_is_refused_by_name(name: str, text: str) -> None:
    assert refusal({name: text}).startswith(f"{name}: ")
    assert refusal(flags={name.lower(): text}).startswith(f"{name}: ")


def test_an_empty_flag_is_judged_and_an_empty_variable_is_not_given() -> None:
    assert load(environ={"HTTP_PORT": "", "APP_ID": " "}).given == frozenset()
    assert refusal(flags={"http_port": ""}).startswith("HTTP_PORT: ")
    assert refusal(flags={"http_host": ""}).startswith("HTTP_HOST: ")
    assert refusal(flags={"app_id": ""}).startswith("APP_ID: ")


def test_flags_win_over_the_environment_and_that_over_the_file() -> None:
    Path(".env").write_text("HTTP_PORT=1\nPARTITIONS=1\nAPP_ID=file # not part of it\n")
    settings = load({"http_port": "3"}, environ={"HTTP_PORT": "2", "PARTITIONS": "2"}).settings
    assert (settings.http_port, settings.partitions, settings.app_id) == (3, 2, "file")


def test_without_any_source_there_are_defaults() -> None:
    assert load(environ={}) == (Settings(), frozenset())


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("KAFKA_BOOTSTRAP_SERVER=x:1", "Did you mean KAFKA_BOOTSTRAP_SERVERS?"),
        ("HTTP_PROT=1", "Did you mean HTTP_PORT?"),
        ("PARTITON=1", "Did you mean PARTITIONS?"),
        ("http_port=1", "Did you mean HTTP_PORT?"),
        ("KAFKA_HEAP=1", "there is no such setting"),
        ("WORKER_THREADS=2", "there is no such setting"),
        ("export EDITOR=vi", "there is no such setting"),
    ],
)
def test_a_name_in_the_file_that_is_no_setting_is_refused(line: str, told: str) -> None:
    Path(".env").write_text(f"# ours\n{line}\n")
    text = refusal()
    assert text.startswith(line.removeprefix("export ").partition("=")[0] + ": ")
    assert told in text
    assert ".env line 2" in text


def test_a_slip_in_the_environment_is_refused_and_other_programs_variables_are_not() -> None:
    assert refusal({"KAFKA_BOOTSTRAP_SERVER": "x:1"}).startswith("KAFKA_BOOTSTRAP_SERVER: ")
    for turned, meant in (("HTTP_PROT", "HTTP_PORT"), ("LOG_LEVLE", "LOG_LEVEL"), ("REIDS_URL", "REDIS_URL")):
        assert refusal({turned: "x"}).startswith(f"{turned}: ")
        assert refusal({turned: "x"}).endswith(f"Did you mean {meant}?")
    others = (
        "KAFKA_SERVICE_HOST",
        "KAFKA_PORT",
        "HTTP_PROXY",
        "LOGLEVEL",
        "REDIS_PORT",
        "KAFKA_OPTS",
        "STATE_DIRECTORY",
    )
    assert load(environ=dict.fromkeys(others, "x")).given == frozenset()


def test_a_file_that_cannot_be_read_is_refused() -> None:
    assert refusal(env_file=Path("missing.env")).startswith("--env-file: cannot read missing.env")
    Path("latin.env").write_bytes(b"APP_ID=\xff\n")
    assert refusal(env_file=Path("latin.env")) == "--env-file: cannot read latin.env: not UTF-8"
    Path("broken.env").write_text("APP_ID=x\nthis is no setting\n")
    assert refusal(env_file=Path("broken.env")).startswith("broken.env line 2: ")


SASL = {"KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT", "KAFKA_SASL_USERNAME": "u", "KAFKA_SASL_PASSWORD": "geheim"}


def test_a_login_needs_both_its_parts() -> None:
    assert load(environ=SASL).settings.kafka_sasl_password == "geheim"  # noqa: S105 - a test's
    for name in ("KAFKA_SASL_USERNAME", "KAFKA_SASL_PASSWORD"):
        rest = {key: value for key, value in SASL.items() if key != name}
        assert refusal(rest).startswith(f"{name}: is needed with KAFKA_SECURITY_PROTOCOL=SASL_PLAINTEXT")


def test_a_password_is_taken_as_it_is() -> None:
    words = " two words "
    assert load(environ=SASL | {"KAFKA_SASL_PASSWORD": words}).settings.kafka_sasl_password == words


@pytest.fixture
def pem(tmp_path: Path) -> dict[str, str]:
    kinds = {
        "cert": "CERTIFICATE",
        "key": "PRIVATE KEY",
        "locked": "ENCRYPTED PRIVATE KEY",
    }
    paths = {name: tmp_path / f"{name}.pem" for name in kinds}
    for name, kind in kinds.items():
        paths[name].write_text(f"-----BEGIN {kind}-----\n-----END {kind}-----\n")
    return {name: str(path) for name, path in paths.items()}


def test_certificates_are_files_that_fit_together(pem: dict[str, str]) -> None:
    tls = {"KAFKA_SECURITY_PROTOCOL": "SSL"}
    load(environ=tls | {"KAFKA_SSL_CERTFILE": pem["cert"], "KAFKA_SSL_KEYFILE": pem["key"]})
    load(environ=tls | {"KAFKA_SSL_CAFILE": pem["cert"]})
    assert refusal(tls | {"KAFKA_SSL_CERTFILE": pem["cert"]}).startswith("KAFKA_SSL_KEYFILE: is needed")
    assert refusal(tls | {"KAFKA_SSL_KEYFILE": pem["key"]}).startswith("KAFKA_SSL_CERTFILE: is needed")
    both = {"KAFKA_SSL_CERTFILE": pem["cert"], "KAFKA_SSL_KEYFILE": pem["locked"]}
    assert "encrypted" in refusal(tls | both)
    assert refusal({"KAFKA_SSL_CAFILE": pem["cert"]}).startswith("KAFKA_SSL_CAFILE: would not be used")


def test_the_consoles_tokens_are_in_a_file(pem: dict[str, str]) -> None:
    assert load(environ={"CONSOLE_TOKENS_FILE": pem["key"]}).given == {"console_tokens_file"}


def test_the_watchdog_waits_longer_than_a_transaction() -> None:
    assert "TRANSACTION_TIMEOUT (30 s)" in refusal({"TRANSACTION_TIMEOUT": "30", "WATCHDOG_SECONDS": "30"})


def test_a_secret_is_never_shown() -> None:
    secret = "correct-horse"  # noqa: S105 - a test's
    url = f"redis://user:{secret}@host:6379/0"
    settings = load(environ=SASL | {"KAFKA_SASL_PASSWORD": secret, "REDIS_URL": url}).settings
    assert secret not in repr(settings)
    assert secret not in refusal({"KAFKA_SASL_PASSWORD": secret})
    assert secret not in refusal({"REDIS_URL": f"{secret}@host"})


def test_a_child_gets_the_same_settings() -> None:
    environ = SASL | {"HTTP_PORT": "1", "COMPLETION_GRACE": "0.25", "TOPIC_PREFIX": "a."}
    settings = load(environ=environ).settings
    assert load(environ=as_environment(settings), env_file=Path(os.devnull)).settings == settings
