"""Settings: what the environment may say, and all that is wrong with it in one answer."""

import pytest

from services.chassis.settings import ROOMS, Settings, SettingsInvalid, load, load_or_exit

FAULTS = {
    "ENVIRONMENT": ("staging", "local"),
    "PORT": ("70000", "65535"),
    "KAFKA_BOOTSTRAP": ("kafka", "host:port"),
    "MONGO_URL": ("postgres://user:hunter2@db", "mongodb://"),
    "MONGO_PREFIX": ("Public Affairs", "pattern"),
    "TOPIC_PREFIX": ("a_b", "pattern"),
    "ROOM_URLS": ('{"planning": "http://127.0.0.1:1"}', "approval, monitoring, publishing, reporting"),
    "COOKIE_SECURE": ("perhaps", "boolean"),
    "LOG_LEVEL": ("loud", "DEBUG"),
    "CLOCK_FILE": ("/tmp/clock", "ENVIRONMENT is demo or test"),
}


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


def fault_of(monkeypatch: pytest.MonkeyPatch, **given: str) -> str:
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsInvalid) as invalid:
        load(Settings)
    return str(invalid.value)


def test_without_any_setting_the_service_starts_on_loopback() -> None:
    settings = load(Settings)
    assert (settings.environment, settings.host, settings.clock_file) == ("local", "127.0.0.1", None)
    assert settings.room_urls.keys() == ROOMS.keys()


@pytest.mark.parametrize("name", FAULTS)
def test_each_faulty_setting_is_named_with_its_rule(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    value, rule = FAULTS[name]
    said = fault_of(monkeypatch, **{name: value})
    assert f"  {name}: " in said
    assert rule in said


def test_all_faults_are_named_at_once_and_no_value_is_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    said = fault_of(monkeypatch, **{name: value for name, (value, _) in FAULTS.items()})
    assert all(f"  {name}: " in said for name in FAULTS)
    assert "hunter2" not in said
    assert "staging" not in said


def test_what_should_be_a_table_and_is_none_is_refused_like_any_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    said = fault_of(monkeypatch, ROOM_URLS="{", PORT="x")
    assert "ROOM_URLS" in said
    assert "PORT" in said


@pytest.mark.parametrize("given", [{"KAFKA_USER": "planning"}, {"KAFKA_PASSWORD": "hunter2"}], ids=str)
def test_a_login_is_given_whole(given: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    said = fault_of(monkeypatch, **given)
    assert "KAFKA_PASSWORD: " in said
    assert "hunter2" not in said


def test_a_step_clock_is_for_demo_and_test(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOCK_FILE", "/tmp/clock")
    monkeypatch.setenv("ENVIRONMENT", "demo")
    assert str(load(Settings).clock_file) == "/tmp/clock"


def test_secrets_are_printed_as_stars(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MONGO_URL", "mongodb://root:hunter2@db/")
    monkeypatch.setenv("KAFKA_USER", "planning")
    monkeypatch.setenv("KAFKA_PASSWORD", "hunter2")
    printed = load(Settings).printable()
    assert "hunter2" not in str(printed)
    assert printed["kafka_user"] == "planning"


def test_a_process_with_faulty_settings_ends_with_code_2_and_says_why(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PORT", "x")
    with pytest.raises(SystemExit) as ended:
        load_or_exit(Settings)
    assert ended.value.code == 2
    assert "PORT" in capsys.readouterr().err


def test_several_brokers_may_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP", "kafka-1:9092,kafka-2:9092,[::1]:9092")
    assert load(Settings).kafka_bootstrap.count(":9092") == 3
