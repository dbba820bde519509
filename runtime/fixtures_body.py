"""Synthetic signals of the body: ECG, PPG, respiration. See docs/fixtures.md."""
import numpy as np

from fixtures_common import bell, event_samples, kernel_times, phase_between, place, wander


def per_minute(samples, rate_hz):
    """Mean rate of events (1/min); 0 where there are fewer than two."""
    return 60.0 * rate_hz / float(np.mean(np.diff(samples))) if samples.size > 1 else 0.0


def make_ecg(rng, rate_hz, n):
    """(n,) mV: P, QRS and T waves on baseline wander and noise. Truth: r_peaks (samples), heart_rate_bpm."""
    peaks = event_samples(rng, 60 / rng.uniform(55, 100), 0.06, rate_hz, n)
    t, centre = kernel_times(0.3, 0.5, rate_hz)
    wave = (0.12 * bell(t, -0.17, 0.025) - 0.1 * bell(t, -0.025, 0.009) + bell(t, 0, 0.011) -
            0.2 * bell(t, 0.028, 0.01) + 0.25 * bell(t, 0.27, 0.05))
    signal = place(wave, centre, peaks, rng.uniform(0.9, 1.1, peaks.size), n)
    signal += 0.1 * wander(rng, n, rate_hz, 0.4) + 0.015 * rng.standard_normal(n)
    return {"signal": signal, "unit": "mV", "rate_hz": rate_hz,
            "truth": {"r_peaks": peaks, "heart_rate_bpm": per_minute(peaks, rate_hz)}}


def _bump(t, peak_s, order):
    """From 0 at t = 0 to 1 at peak_s and back."""
    u = np.clip(t, 0, None) / peak_s
    return u ** order * np.exp(order * (1 - u))


def make_ppg(rng, rate_hz, n):
    """(n,) counts above 0: a pulse with a dicrotic wave for each beat. Truth: pulse_feet and pulse_peaks (samples),
    heart_rate_bpm."""
    feet = event_samples(rng, 60 / rng.uniform(55, 100), 0.05, rate_hz, n)
    t, centre = kernel_times(0.02, 1.2, rate_hz)
    pulse = _bump(t, 0.17, 2.5) + 0.3 * _bump(t - 0.27, 0.12, 3)
    wave = place(pulse, centre, feet, 1 + 0.1 * np.sin(0.9 * np.arange(feet.size)), n)
    signal = 2000 + 300 * wave + 60 * wander(rng, n, rate_hz, 0.15) + 3 * rng.standard_normal(n)
    peaks = feet + int(np.argmax(pulse)) - centre
    return {"signal": signal, "unit": "counts", "rate_hz": rate_hz,
            "truth": {"pulse_feet": feet, "pulse_peaks": peaks[peaks < n], "heart_rate_bpm": per_minute(feet, rate_hz)}}


def make_respiration(rng, rate_hz, n):
    """(n,) without unit: chest volume, rising for 40 % of each breath. Truth: breath_onsets (samples, where it begins
    to rise), breath_rate_per_min."""
    onsets = event_samples(rng, 60 / rng.uniform(10, 20), 0.08, rate_hz, n)
    place_in_breath = phase_between(onsets, n) % 1.0
    rising = place_in_breath < 0.4
    volume = np.where(rising, 0.5 - 0.5 * np.cos(np.pi * place_in_breath / 0.4),
                      0.5 + 0.5 * np.cos(np.pi * (place_in_breath - 0.4) / 0.6))
    signal = volume + 0.1 * wander(rng, n, rate_hz, 0.04) + 0.01 * rng.standard_normal(n)
    return {"signal": signal, "unit": "a.u.", "rate_hz": rate_hz,
            "truth": {"breath_onsets": onsets, "breath_rate_per_min": per_minute(onsets, rate_hz)}}
