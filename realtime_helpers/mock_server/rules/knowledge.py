"""The little that the rules know by heart: a table of physics, and some capitals.

A row of physics is: its names, separated by |; a short fact; a deeper one, for "why?" and for asking twice.
Facts are true, fit any tone, and are short enough for the least patient of professors.
"""

from __future__ import annotations

from .words import word_set

PHYSICS = """
gravity|gravitation|gravitational force | Mass bends spacetime. | Why mass does it, nobody knows.
fall|falling|things fall | Gravity. Everything falls equally fast. | Heavier things also resist more.
general relativity|relativity|theory of relativity | Space bends. Clocks disagree. | Light sets the pace. Time yields.
special relativity | Moving clocks run slow. | Light's speed is the same for everyone.
spacetime|space time | Space and time, one fabric. | Mass bends it. Bent paths are gravity.
time | What clocks measure. | It follows entropy, one way.
time travel | Forwards, yes. Backwards, nobody has managed. | Move fast and your clock runs slow.
time dilation | Moving clocks run slow. | Light's speed leaves no other choice.
entropy | Disorder grows. Like your desk. | There are simply more untidy arrangements.
thermodynamics|laws of thermodynamics | You cannot win, or break even. | Energy is conserved. Entropy grows.
heat | Energy that moves from hot to cold. | Fast atoms jostle slow ones.
temperature | How fast the atoms jiggle. | Average energy for each particle.
absolute zero | As cold as it gets. | Even there, atoms still tremble a little.
energy | The ability to do work. Conserved. | Conserved because physics does not change with time.
kinetic energy | Half the mass, times speed squared. | Double the speed, four times the energy.
potential energy | Energy of position. | Lift it, and it waits to fall.
conservation of energy|energy conservation | It changes form. It never vanishes. | Noether proved it from time symmetry.
momentum | Mass times velocity. Conserved. | Conserved because physics is the same everywhere.
angular momentum | Spin is conserved. Ask any skater. | Pull the arms in, and spin faster.
inertia | Things keep doing what they do. | Mass is the measure of that stubbornness.
force|forces | Mass times acceleration. | Four kinds, as far as anyone knows.
acceleration | Velocity, changing. | It takes a force. Always.
velocity | Speed with a direction. | It is relative. To whom, you must say.
friction | Surfaces grip each other. | Rough at the atoms, and electric underneath.
newton's law|law of motion|newtons law | Inertia, force, reaction. Three. | They hold, until speeds near light.
newton's first law|first law of motion | No force, no change. | It is called inertia.
newton's second law|second law of motion | Force is mass times acceleration. | More mass, more push needed.
newton's third law|third law of motion | Push, and it pushes back. | That is how rockets work.
newton|isaac newton | Motion, gravity, calculus. Also alchemy. | He did it during a plague.
einstein|albert einstein | Relativity. Bad hair. Good ideas. | He got the prize for the photoelectric effect.
mass | How much a thing resists a push. | It is energy, very tightly packed.
weight | Gravity pulling on your mass. | Less on the moon. Same mass.
mass and weight|weight and mass | Mass stays. Weight depends on gravity. | On the moon you weigh a sixth.
density | Mass for each volume. | Less than water floats.
pressure | Force for each area. | Countless atoms, knocking.
light | An electromagnetic wave. Also a particle. | Wobbling fields that keep each other going.
speed of light|light speed | Three hundred thousand kilometres a second. | Nothing with mass reaches it.
photon|photons | A packet of light. | No mass, and no rest, ever.
photoelectric effect | Light knocks electrons out of metal. | Only if each packet carries enough.
electron|electrons | Small, negative, everywhere. | Thomson found it. Nobody has split it.
proton|protons | Positive. Three quarks inside. | Their number names the element.
neutron|neutrons | No charge. Holds nuclei together. | Alone, it decays in minutes.
quark|quarks | Never alone. Always confined. | Pull two apart, and you make more.
neutrino|neutrinos | Passes through you. Constantly. | It feels only the weak force and gravity.
higgs boson|higgs|higgs field | Gives particles mass. | It is a ripple in a field.
antimatter | Like matter, with opposite charge. | They meet, and both become light.
matter | Atoms, mostly empty. | Quarks and electrons, held by fields.
dark matter | Unseen mass. Galaxies need it. | We see its pull, never its light.
dark energy | It speeds up expansion. Nobody knows why. | Two thirds of everything, and no explanation.
atom|atoms | Mostly nothing, with electrons around. | The nucleus is a fly in a cathedral.
nucleus | Protons and neutrons, packed. | The strong force holds them.
molecule|molecules | Atoms sharing electrons. | Shared electrons cost less energy.
radioactivity|radioactive decay|radiation | Unstable nuclei fall apart. | When exactly is pure chance.
half life | Time until half is gone. | Each atom rolls its own dice.
nuclear fusion|fusion | Light nuclei merge. Stars do it. | The merged one is lighter. The rest shines.
nuclear fission|fission | Heavy nuclei split. Reactors do it. | The pieces are lighter. The rest is heat.
quantum mechanics|quantum physics|quantum theory | Nature deals in probabilities. | Nobody understands it. It works.
quantum entanglement|entanglement | Two particles, one shared state. | Measure one and you know the other.
quantum computer|quantum computers|quantum computing | It computes with superpositions. | Wrong answers cancel.
superposition | Several states at once. | Until you look.
uncertainty principle | Position or momentum. Never both. | A short wave has no clear pitch.
schrodinger's cat|schrodingers cat|schrödinger's cat | Alive, dead, unobserved. | It was meant as a complaint.
wave particle duality | Both. Depends how you look. | One thing, and two bad words for it.
double slit experiment|double slit | One electron, two slits, stripes. | Watch it, and the stripes go.
string theory | Tiny strings, many dimensions, no test. | Elegant. Untested for fifty years.
standard model | Seventeen particles. No gravity. | It works far too well.
big bang | Everything was hot, dense, and expanding. | The leftover glow is still here.
universe|cosmos | Large. Expanding. Mostly dark. | Nearly fourteen billion years old.
expansion of the universe|expanding universe | Space itself stretches. | Hubble saw the galaxies recede.
black hole|black holes | Gravity that even light cannot escape. | Too much mass in too little space.
event horizon | The line of no return. | Beyond it, every path leads inward.
wormhole|wormholes | Allowed on paper. Never seen. | It would collapse before you crossed.
neutron star|neutron stars | A star's mass, the size of a city. | A teaspoon weighs a mountain.
supernova|supernovas|supernovae | A star's last argument. | The core collapses. The rest leaves.
star|stars | Hydrogen, fusing. | Gravity squeezes. Fusion pushes back.
sun|sunshine | Hydrogen, fusing. Do not stare. | Eight minutes away, by light.
moon | Rock. It pulls the tides. | A collision probably made it.
planet|planets | Eight around here. Pluto lost. | Dust that stuck together.
pluto | Not a planet. Get over it. | It never cleared its orbit.
orbit|orbits | Falling, and always missing. | Sideways speed makes you miss.
tide|tides | The moon pulls the sea. | It pulls the near side harder.
season|seasons | The Earth's axis is tilted. | It is not the distance.
gravitational wave|gravitational waves|gravity waves | Ripples in spacetime. | Two black holes met. We felt it.
wave|waves | Energy travels. The water stays. | Each bit drags the next one along.
sound | Air, squeezed and stretched. | No air, no sound.
speed of sound | About three hundred forty metres a second. | Molecules must bump to pass it on.
doppler effect|doppler | Approaching sounds higher. | The waves bunch up in front.
resonance | Push in time and it grows. | Every swing has its own beat.
refraction | Light bends where its speed changes. | It slows in glass.
reflection|mirror|mirrors | In and out at equal angles. | Electrons in the metal send it back.
diffraction | Waves bend round edges. | Every point of a wave makes new waves.
interference | Waves add, or cancel. | Crest on crest grows. Crest on trough does not.
laser|lasers | Light that marches in step. | One photon recruits the next.
rainbow|rainbows | Sunlight, split by raindrops. | Each colour bends differently.
sky|blue sky | Air scatters blue light most. | Short waves scatter more.
sunset|sunsets | Blue is scattered away. Red remains. | At dusk the light crosses more air.
colour|colours|color|colors | Wavelength, seen by eyes. | Short is blue. Long is red.
electricity|electric current|current | Charges, moving. | A voltage pushes them.
electric charge|charge | Plus or minus. Opposites attract. | It comes in equal lumps.
voltage | The push behind the current. | Energy for each charge.
resistance|electrical resistance | Electrons bumping into things. | It turns current into heat.
ohm's law|ohms law | Voltage is current times resistance. | In metals. Not everywhere.
capacitor|capacitors | Stores charge on two plates. | The field between them holds the energy.
semiconductor|semiconductors|transistor|transistors | A switch made of sand. | A little voltage opens the way.
superconductor|superconductors|superconductivity | No resistance. Very cold. | Electrons pair up and stop bumping.
magnet|magnets|magnetism | Tiny spins, all aligned. | Moving charges make it. Always.
magnetic field|magnetic fields | Moving charges make it. | It pushes other moving charges.
electromagnetism|maxwell's equations|maxwells equations | Four equations say it all. | Each field makes the other.
lightning|thunder | A very large spark. | Ice in clouds rubs charge apart.
static electricity | Charge that stays put. | Rubbing moves electrons across.
buoyancy|archimedes principle|archimedes' principle | Water pushes back. | As hard as the water you displaced weighs.
surface tension | Molecules cling at the surface. | They have no neighbours above.
boiling|boiling point | Bubbles of vapour beat the air pressure. | Lower pressure, lower boiling point.
ice | Frozen water. Lighter than water. | Its crystals leave gaps.
vacuum | Nothing, though never quite. | Fields still tremble in it.
centrifugal force | You go straight. The car turns. | It exists only for the one who turns.
pendulum|pendulums | Length sets the beat. Weight does not. | Galileo watched a lamp.
chaos|chaos theory | Small causes, large surprises. | Errors double, and double again.
perpetual motion|perpetual motion machine | Impossible. Stop drawing it. | Friction always collects its fee.
e equals mc squared | Mass is energy. A lot. | Light's speed, squared, is a large number.
planck's constant|planck constant | The size of nature's smallest step. | Energy over frequency, for any light.
flat earth | It is round. Look at ships. | Every lunar eclipse shows it.
earth | Round. Third from the sun. | Nearly five billion years old.
physics | Why things happen. Briefly. | Guess, compute, compare with nature.
"""

_CAPITALS = """
france Paris germany Berlin spain Madrid italy Rome england London portugal Lisbon ireland Dublin scotland Edinburgh
poland Warsaw austria Vienna sweden Stockholm norway Oslo denmark Copenhagen finland Helsinki greece Athens
netherlands Amsterdam belgium Brussels switzerland Bern hungary Budapest japan Tokyo china Beijing india Delhi
canada Ottawa australia Canberra egypt Cairo kenya Nairobi russia Moscow turkey Ankara ukraine Kyiv peru Lima
cuba Havana chile Santiago thailand Bangkok brazil Brasilia argentina Buenos_Aires mexico Mexico_City
"""
_NAMES = _CAPITALS.split()
CAPITALS = {land: city.replace("_", " ") for land, city in zip(_NAMES[::2], _NAMES[1::2], strict=True)}

# Questions that have no name of the table in them, or not in one piece.
ALIASES = {
    "how fast is light": "speed of light",
    "how fast does light": "speed of light",
    "how fast is sound": "speed of sound",
    "how fast does sound": "speed of sound",
    "is the earth flat": "flat earth",
    "earth is flat": "flat earth",
    "mc squared": "e equals mc squared",
}

# Good English words one slip away from a name above; who says one of these means it.
NOT_MISHEARD = word_set(
    "plant plants plane planes planer mattress material materials resonate resistant resistor volume volumes election "
    "elections selection motion lighting lightening density destiny intensity velocities velvet temperament pressured "
    "present capacity tension season seasoning reason reasons reasoning proto master subset fraction fractions failing "
    "filling forced layer layers colons quirk quirks mutter neuron neurons fiction photo photos phonon phonons "
    "reaction "
    "reactions radiator deity mater moment moments every entry electric "
    "electronic planned charged facing billing feeling faking filing fling presume minors"
)


def facts() -> dict[str, tuple[str, str]]:
    """Every name in the table -> (fact, deeper fact)."""
    table = {}
    for line in PHYSICS.strip().splitlines():
        names, fact, deeper = (cell.strip() for cell in line.replace("|", "¦").rsplit(" ¦ ", 2))
        table |= {name.strip(): (fact, deeper) for name in names.split("¦")}
    return table
