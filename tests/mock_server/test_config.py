import pytest

from realtime_helpers.mock_server.config import new_config, updated
from realtime_helpers.mock_server.events import ProtocolError


@pytest.fixture
def config():
    return new_config("sess_1", "gpt-realtime-2.1", 0)


def apply(config, has_spoken=False, **session):
    return updated(config, {"type": "realtime", **session}, has_spoken=has_spoken)


def detection(**fields):
    return {"input": {"turn_detection": fields or None}}


def test_older_models_wait_a_shorter_silence(config):
    older = new_config("s", "gpt-realtime", 0)
    waits = [c["audio"]["input"]["turn_detection"]["silence_duration_ms"] for c in (config, older)]
    assert waits == [500, 200]


def test_an_update_changes_only_what_it_names(config):
    new = apply(config, instructions="Be brief.", audio=detection(type="server_vad", threshold=0.7))
    assert new["instructions"] == "Be brief."
    assert new["audio"]["input"]["turn_detection"] == config["audio"]["input"]["turn_detection"] | {"threshold": 0.7}
    assert new["audio"]["output"] == config["audio"]["output"]


def test_turn_detection_goes_off_and_on_again_with_defaults(config):
    changed = apply(config, audio=detection(type="server_vad", silence_duration_ms=900))
    off = apply(changed, audio=detection())
    assert off["audio"]["input"]["turn_detection"] is None
    on = apply(off, audio=detection(type="server_vad"))
    assert on["audio"]["input"]["turn_detection"]["silence_duration_ms"] == 500


def test_a_rejected_update_leaves_no_trace(config):
    before = repr(config)
    with pytest.raises(ProtocolError):
        apply(config, instructions="new", audio=detection(type="server_vad", prefix_padding_ms=-1))
    assert repr(config) == before


@pytest.mark.parametrize(
    ("session", "code"),
    [
        ({"audio": detection(type="server_vad", silence_duration_ms=-1)}, "integer_below_min_value"),
        ({"audio": detection(type="server_vad", threshold=1.5)}, "decimal_above_max_value"),
        ({"audio": {"output": {"speed": 9.0}}}, "decimal_above_max_value"),
        ({"audio": {"output": {"voice": "elvis"}}}, "invalid_value"),
        ({"output_modalities": ["audio", "text"]}, "invalid_value"),
        ({"max_output_tokens": 0}, "integer_below_min_value"),
        ({"model": "gpt-realtime"}, "invalid_value"),
    ],
)
def test_values_out_of_range(config, session, code):
    with pytest.raises(ProtocolError) as fault:
        apply(config, **session)
    assert fault.value.code == code


def test_the_voice_stays_once_it_was_heard(config):
    with pytest.raises(ProtocolError) as fault:
        apply(config, has_spoken=True, audio={"output": {"voice": "cedar"}})
    assert fault.value.code == "cannot_update_voice"
    assert apply(config, has_spoken=True, audio={"output": {"voice": "marin"}})
