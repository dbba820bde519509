"""Synthetic signals of sound and radio: audio, echoes, WiFi channel state, RSSI. See docs/fixtures.md."""
import numpy as np
from scipy.signal import fftconvolve

from fixtures_common import bell, blocks, event_samples, place, wander

SPEED_OF_SOUND_M_S = 343.0
SPEED_OF_LIGHT_M_S = 299_792_458.0
SUBCARRIERS = 30


def make_audio(rng, rate_hz, n):
    """(n,) within -1 to 1: bursts with harmonics that decay, on faint noise. Truth: onsets (samples), pitch_hz."""
    pitch_hz = rng.uniform(110, 240)
    onsets = event_samples(rng, 0.3, 0.15, rate_hz, n)
    t = np.arange(max(2, int(0.15 * rate_hz))) / rate_hz
    harmonics = np.arange(1, 9)[:, None]
    audible = harmonics * pitch_hz < 0.45 * rate_hz
    tone = (audible * np.cos(2 * np.pi * harmonics * pitch_hz * t) / harmonics).sum(axis=0) * np.exp(-t / 0.04)
    signal = place(tone, 0, onsets, rng.uniform(0.7, 1.0, onsets.size), n)
    signal = 0.8 * signal / (np.abs(signal).max() + 1e-12) + 0.005 * rng.standard_normal(n)
    return {"signal": np.clip(signal, -1, 1), "unit": "full scale", "rate_hz": rate_hz,
            "truth": {"onsets": onsets, "pitch_hz": float(pitch_hz)}}


def make_echoes(rng, rate_hz, n, speed_m_s=SPEED_OF_SOUND_M_S):
    """(n,) without unit: a pulse at sample 0 and its echoes. Truth: echoes (samples of their tops), distances_m
    (half the way of the delay), speed_m_s."""
    width = max(4, n // 100)
    u = np.arange(-2 * width, 2 * width + 1)
    pulse = bell(u, 0, 0.6 * width) * np.cos(2 * np.pi * u / max(4, width / 1.5))
    count = int(np.clip((n - 4 * width) // (8 * width), 1, 4))
    slots = np.linspace(min(6 * width, n // 2), max(n - 3 * width, n // 2 + 1), count + 1)
    echoes = (slots[:-1] + rng.uniform(0.1, 0.6, count) * np.diff(slots)).astype(np.int64)
    heights = np.concatenate([[1.0], 0.6 * 0.7 ** np.arange(count)])
    signal = place(pulse, 2 * width, np.concatenate([[0], echoes]), heights, n) + 0.01 * rng.standard_normal(n)
    return {"signal": signal, "unit": "a.u.", "rate_hz": rate_hz,
            "truth": {"echoes": echoes, "distances_m": echoes / rate_hz * speed_m_s / 2, "speed_m_s": speed_m_s}}


def make_radar(rng, rate_hz, n):
    """As make_echoes, at the speed of light."""
    return make_echoes(rng, rate_hz, n, SPEED_OF_LIGHT_M_S)


def make_csi(rng, rate_hz, n):
    """(n, 30) without unit, not negative: amplitudes of subcarriers, still or with somebody who moves. Truth: motion
    (bool per sample), motion_onsets (samples)."""
    motion, onsets = blocks(rng, n, max(1, int(n / rate_hz / 8)), 0.4)
    frequency = np.linspace(-1, 1, SUBCARRIERS)
    still = 15 + 5 * np.sin(2.5 * frequency + rng.uniform(0, 6)) + 2j * np.cos(4 * frequency)
    path = np.cumsum(motion * (1 + 0.3 * wander(rng, n, rate_hz, 2))) / rate_hz * 2 * np.pi * rng.uniform(2, 4)
    moved = 4 * fftconvolve(motion.astype(float), np.ones(3) / 3, "same") * (1 + 0.3 * wander(rng, n, rate_hz, 1))
    field = still + (moved * np.exp(1j * path))[:, None] * np.exp(1j * 2 * frequency)
    noise = 0.15 * (rng.standard_normal((n, SUBCARRIERS)) + 1j * rng.standard_normal((n, SUBCARRIERS)))
    return {"signal": np.abs(field + noise), "unit": "a.u.", "rate_hz": rate_hz,
            "truth": {"motion": motion, "motion_onsets": onsets}}


def make_rssi(rng, rate_hz, n):
    """(n,) dBm, whole and negative: a fixed link that people cross. Truth: crossings (samples of the deepest loss),
    level_dbm (without anybody)."""
    level = rng.uniform(-65, -45)
    crossings = event_samples(rng, 6.0, 0.3, rate_hz, n)
    half = max(1, int(0.35 * rate_hz))
    u = np.arange(-3 * half, 3 * half + 1)
    loss = np.minimum(place(bell(u, 0, half), 3 * half, crossings, np.full(crossings.size, 14.0), n), 18)
    signal = level - loss + 0.7 * wander(rng, n, rate_hz, 0.2) + 0.6 * rng.standard_normal(n)
    return {"signal": np.round(np.clip(signal, -100, -20)), "unit": "dBm", "rate_hz": rate_hz,
            "truth": {"crossings": crossings, "level_dbm": float(level)}}
