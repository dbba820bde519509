"""Where events are, from how much of one there is at each sample: `kind` "peak" takes the maxima, "sized" only those that are
no more than `most` times as far from the middle as the limit, "foot" goes back from maxima to where their rise begins, "start"
takes where stretches above the limit begin. The limit lies between the middle and the top of all values. Events to come may be
a little nearer to each other than those that were labelled: no distance beyond `nearest_s` is kept. Written by people and
shipped with gpiot."""
import numpy as np
from scipy import signal


def own(strength, rate_hz, kind="peak", level=0.5, top_share=0.01, distance_s=0.5, least_s=0.05, most=2.0, foot_level=0.2):
    strength = np.nan_to_num(np.asarray(strength, dtype=float))
    middle, top = np.quantile(strength, [0.5, 1 - min(top_share, 0.5)])
    limit = middle + level * (top - middle)
    nearest_s = 1e9
    distance = max(1, int(min(distance_s, nearest_s) * rate_hz))
    if kind == "start":
        edges = np.flatnonzero(np.diff((strength > limit).astype(int), prepend=0, append=0))
        starts, ends = edges[::2], edges[1::2]
        apart = starts[1:] - ends[:-1] >= distance  # nearer ones are one stretch
        starts = starts[np.concatenate([np.ones(len(starts[:1]), bool), apart])]
        ends = ends[np.concatenate([apart, np.ones(len(ends[:1]), bool)])]
        return starts[ends - starts >= least_s * rate_hz]
    top = middle + most * (limit - middle) if kind == "sized" else None
    places = signal.find_peaks(strength, height=(limit, top), distance=distance)[0]
    if kind == "foot":
        feet = []
        for place in places:
            before = strength[max(0, place - distance):place + 1]
            low = np.flatnonzero(before < middle + foot_level * (strength[place] - middle))
            feet.append(place + 1 - len(before) + (low[-1] if len(low) else int(np.argmin(before))))
        places = np.unique(np.array(feet, dtype=int))
    return places
