"""Some thousand mutated client events; `python -m benchmarks.fuzz` sends a hundred thousand."""

from .fuzz import Tally, attack


def test_no_event_breaks_a_session(speech):
    tally = Tally()
    attack(speech, tally, conversations=150)
    assert tally.events > 2000 and 0.2 < tally.refused / tally.events < 0.95, tally
    assert len(tally.codes) > 8, tally.codes
