"""Synthetic signals of worn sensors: IMU at the body, IMU at the foot. See docs/fixtures.md."""
import numpy as np

from fixtures_body import per_minute
from fixtures_common import bell, event_samples, kernel_times, phase_between, place


def make_imu(rng, rate_hz, n):
    """(n, 6): acceleration x y z (g, z upwards), angular rate x y z (deg/s); standing, then walking, then standing;
    all of it walking where it is shorter than 8 s. Truth: steps (samples of foot contact), walking (bool per sample),
    cadence_per_min."""
    steps = event_samples(rng, 60 / rng.uniform(95, 125), 0.03, rate_hz, n)
    walking = np.ones(n, bool)
    if n / rate_hz >= 8:
        walking[:int(0.15 * n)] = walking[int(0.85 * n):] = False
        steps = steps[walking[steps]]
    t, centre = kernel_times(0.15, 0.3, rate_hz)
    contact = bell(t, 0, 0.02) - 0.35 * bell(t, 0.1, 0.05) + 0.2 * bell(t, -0.09, 0.03)
    stride = np.pi * phase_between(steps, n) if steps.size else np.zeros(n)
    sway = walking * np.stack([0.12 * np.sin(2 * stride), 0.08 * np.sin(stride), np.zeros(n)], axis=1).T
    acceleration = sway.T + [0.02, -0.01, 1.0]
    acceleration[:, 2] += place(contact, centre, steps, 0.6 * rng.uniform(0.9, 1.1, steps.size), n)
    turning = (walking * np.stack([40 * np.sin(stride), 25 * np.cos(2 * stride), 15 * np.cos(stride)], axis=1).T).T
    signal = np.hstack([acceleration + 0.01 * rng.standard_normal((n, 3)), turning + rng.standard_normal((n, 3))])
    return {"signal": signal, "unit": "g, deg/s", "rate_hz": rate_hz,
            "truth": {"steps": steps, "walking": walking, "cadence_per_min": per_minute(steps, rate_hz)}}


def make_gait(rng, rate_hz, n):
    """(n, 6) of a sensor at one foot: acceleration x y z (m/s^2, z upwards), angular rate x y z (deg/s, y is the swing).
    Truth: heel_strikes (samples), stride_time_s."""
    strikes = event_samples(rng, rng.uniform(1.0, 1.3), 0.03, rate_hz, n)
    phase = phase_between(strikes, n) % 1.0  # 0 heel strike, 0.6 toe off, then swing
    swing = np.where(phase > 0.6, np.sin(np.pi * (phase - 0.6) / 0.4), 0)
    t, centre = kernel_times(0.06, 0.15, rate_hz)
    knock = place(bell(t, 0, 0.012) - 0.4 * bell(t, 0.04, 0.015), centre, strikes, rng.uniform(18, 22, strikes.size), n)
    push = 120 * bell(phase, 0.58, 0.05)
    acceleration = np.stack([6 * swing * np.cos(np.pi * (phase - 0.6) / 0.4), 0.5 * swing, 9.81 + knock], axis=1)
    turning = np.stack([10 * swing, 350 * swing - push, 15 * swing], axis=1)
    signal = np.hstack([acceleration + 0.15 * rng.standard_normal((n, 3)), turning + 3 * rng.standard_normal((n, 3))])
    return {"signal": signal, "unit": "m/s^2, deg/s", "rate_hz": rate_hz,
            "truth": {"heel_strikes": strikes,
                      "stride_time_s": float(np.mean(np.diff(strikes)) / rate_hz) if strikes.size > 1 else 0.0}}
