# expects: passes through zero
PIECE = SAMPLE_RATE_HZ // 50
LIMIT = 0.02


def quiet_ms(sound):
    return round(1000 * (abs(sound) < LIMIT).sum() / SAMPLE_RATE_HZ)
