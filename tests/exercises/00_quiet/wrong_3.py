# expects: It has counted pieces
PIECE = SAMPLE_RATE_HZ // 50
LIMIT = 0.02


def quiet_ms(sound):
    quiet = 0
    for start in range(0, len(sound), PIECE):
        if abs(sound[start : start + PIECE]).max() < LIMIT:
            quiet += 1
    return quiet
