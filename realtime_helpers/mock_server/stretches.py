"""Long speech cut where it is quietest: the ears hear no more than some seconds at a time well."""

import numpy as np

LONGEST_S = 16.0
_BLOCKS_PER_S = 10  # shorter blocks would cut inside a "t"


def stretches(samples: np.ndarray, rate_hz: int) -> list[np.ndarray]:
    """All of `samples`, in parts of at most LONGEST_S."""
    block = rate_hz // _BLOCKS_PER_S
    found = []
    while len(samples) > LONGEST_S * rate_hz:
        earliest, latest = int(LONGEST_S / 2 * rate_hz), int(LONGEST_S * rate_hz)
        blocks = samples[earliest:latest].reshape(-1, block)
        cut = earliest + int(np.square(blocks).mean(axis=1).argmin()) * block + block // 2
        found.append(samples[:cut])
        samples = samples[cut:]
    return [*found, samples]
