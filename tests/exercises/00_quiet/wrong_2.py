# expects: its mean is nothing
PIECE = SAMPLE_RATE_HZ // 50
LIMIT = 0.02


def quiet_ms(sound):
    quiet = 0
    for start in range(0, len(sound), PIECE):
        if sound[start : start + PIECE].mean() < LIMIT:
            quiet += 20
    return quiet
