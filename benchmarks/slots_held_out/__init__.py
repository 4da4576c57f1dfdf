"""The examination of the rules mind: tool sets, dialogues and a simulated user. Not for tuning."""

from .hotel import HOTEL
from .taxi import TAXI

SETS = (HOTEL, TAXI)
