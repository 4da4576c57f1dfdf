# expects: in steps of PIECE to the very end
PIECE = SAMPLE_RATE_HZ // 50
LIMIT = 0.02


def quiet_ms(sound):
    quiet = 0
    for number in range(SAMPLE_RATE_HZ // PIECE):
        if abs(sound[number * PIECE : (number + 1) * PIECE]).max() < LIMIT:
            quiet += 20
    return quiet
