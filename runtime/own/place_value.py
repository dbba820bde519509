"""What a place means: so many units for each step of it, and an offset, as they were measured on the labelled items. Written by
people and shipped with gpiot."""


def own(*inputs, scale=1.0, offset=0.0):
    place = [float(value) for value in inputs][0]
    return float(scale * place + offset)
