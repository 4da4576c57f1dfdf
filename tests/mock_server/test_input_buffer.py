from realtime_helpers.mock_server import input_buffer
from realtime_helpers.mock_server.input_buffer import BYTES_PER_MS, InputBuffer


def ms(*values):
    """One millisecond of each value."""
    return b"".join(bytes([v]) * BYTES_PER_MS for v in values)


def test_it_is_addressed_from_the_sessions_beginning():
    buffer = InputBuffer()
    buffer.append(ms(1, 2, 3, 4))
    buffer.drop_before(2)
    buffer.append(ms(5))
    assert (buffer.start_ms, buffer.end_ms, buffer.duration_ms) == (2, 5, 3)
    assert buffer.between(3, 5) == ms(4, 5)
    assert buffer.between(0, 3) == ms(3)  # what was dropped is gone, not shifted


def test_clear_keeps_the_count():
    buffer = InputBuffer()
    buffer.append(ms(1, 2))
    buffer.clear()
    buffer.append(ms(3))
    assert (buffer.start_ms, buffer.end_ms, len(buffer)) == (2, 3, BYTES_PER_MS)


def test_it_forgets_rather_than_grow_without_bound(monkeypatch):
    monkeypatch.setattr(input_buffer, "MAX_BYTES", 3 * BYTES_PER_MS)
    buffer = InputBuffer()
    for value in range(10):
        buffer.append(ms(value))
    assert buffer.between(0, 99) == ms(7, 8, 9)
