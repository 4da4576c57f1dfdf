"""The examination of the rules mind: tool sets, dialogues and a simulated user. Not for tuning."""

from .bank import BANK
from .cinema import CINEMA
from .coffee import COFFEE
from .hairdresser import HAIRDRESSER
from .hotel import HOTEL
from .museum import MUSEUM
from .parcel import PARCEL
from .quotes import QUOTES
from .taxi import TAXI
from .thermostat import THERMOSTAT
from .vet import VET

SETS = (HOTEL, TAXI, HAIRDRESSER, CINEMA, COFFEE, PARCEL, BANK, THERMOSTAT, VET, MUSEUM, QUOTES)
