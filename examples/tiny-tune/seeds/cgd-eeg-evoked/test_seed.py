"""Tests of the seed; a known response under noise, with offset, blinks and cut-off epochs. No baseline or per-channel rejection fails."""
import numpy as np
import pytest

RATE = 250.0


def make(seed=0, noise=8.0, n=60, blinks=()):
    """EEG of 3 channels with own offsets, stimuli; the response peaks 0.3 s after each, 6, 3 and 0 uV; blinks in channel 0."""
    rng = np.random.default_rng(seed)
    stimuli = 300 + 320 * np.arange(n) + rng.integers(0, 60, n)
    eeg = rng.normal(0, noise, (3, stimuli[-1] + 500)) + np.array([[4000.0], [-200.0], [35.0]])
    t = np.arange(-50, 201) / RATE
    shape = np.exp(-(((t - 0.3) / 0.05) ** 2))
    for k, s in enumerate(stimuli):
        eeg[:, s - 50 : s + 201] += np.array([[6.0], [3.0], [0.0]]) * shape
        if k in blinks:
            eeg[0, s + 10 : s + 60] += 250.0
    return eeg, stimuli, np.array([[6.0], [3.0], [0.0]]) * shape


def test_response_is_found(subject):
    eeg, stimuli, truth = make(1)
    evoked, used = subject(eeg, stimuli, RATE)
    assert evoked.shape == (3, 251) and used == 60
    assert np.abs(evoked - truth).max() < 5 * 8 / 60**0.5
    assert np.argmax(evoked[0]) == pytest.approx(125, abs=12)


def test_blinks_drop_the_epoch_in_all_channels(subject):
    eeg, stimuli, truth = make(2, noise=0.5, blinks=range(0, 60, 4))
    eeg[1, stimuli[1] + 5] += 70.0
    evoked, used = subject(eeg, stimuli, RATE)
    assert used == 45 and np.abs(evoked[[0, 2]] - truth[[0, 2]]).max() < 0.6
    assert evoked[1, 55] > 1.0  # 70 uV in one of 45 epochs stays
    assert subject(eeg, stimuli, RATE, reject_uv=60.0)[1] == 44


def test_edges_and_nan(subject):
    eeg, stimuli, truth = make(3, noise=0.0)
    eeg[2, stimuli[5] + 200] = np.nan
    more = np.concatenate([[eeg.shape[1] - 200, 49], stimuli[::-1], [eeg.shape[1] - 201, 50]])
    evoked, used = subject(eeg, more, RATE)
    assert used == 61 and np.isfinite(evoked).all()
    assert np.abs(subject(eeg, stimuli[::-1], RATE)[0] - truth).max() < 1e-9


def test_other_window(subject):
    eeg, stimuli, truth = make(4, noise=0.0)
    evoked, _ = subject(eeg, stimuli, RATE, window_s=(-0.1, 0.5))
    assert evoked.shape == (3, 151) and np.abs(evoked - truth[:, 25:176]).max() < 1e-6


def test_refused(subject):
    eeg, stimuli, _ = make(5)
    with pytest.raises(ValueError, match="60"):
        subject(eeg, stimuli, RATE, reject_uv=1.0)
    with pytest.raises(ValueError):
        subject(eeg, stimuli, RATE, window_s=(0.0, 0.5))
    with pytest.raises(ValueError):
        subject(eeg, np.array([], dtype=int), RATE)
