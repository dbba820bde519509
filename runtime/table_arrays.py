"""Readers of binary formats: NPY, NPZ, WAV, MAT v5, WFDB. Nothing here unpickles."""
import zipfile
from collections.abc import Mapping

import numpy as np

from table_content import Content
from table_open import MAX_BYTES, DataError, bad


def npy_header(file, what):
    """(shape, dtype) of the array that follows; object and structured arrays are refused."""
    try:
        version = np.lib.format.read_magic(file)
        if version == (3, 0):  # only structured arrays with names beyond Latin-1 need it
            raise bad(what, "a structured array", "numbers or text")
        read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, _, dtype = read(file)
    except DataError:
        raise
    except Exception as error:  # the header is Python text: a broken one fails in many ways
        raise bad(what, f"no NumPy array ({error})", "an array") from None
    if dtype.hasobject:
        raise bad(what, "an object array (a pickle)", "numbers or text")
    if dtype.names:
        raise bad(what, "a structured array", "numbers or text")
    size = dtype.itemsize
    for n in shape:
        size *= int(n)
    if size > MAX_BYTES:
        raise bad(what, f"{size} bytes unpacked", f"at most {MAX_BYTES}")
    return shape, dtype


def read_npy(path, name, notes):
    with open(path, "rb") as file:
        npy_header(file, name)
    try:
        return Content(name, {"": np.load(path, allow_pickle=False)}, default="")
    except (ValueError, EOFError, OSError) as error:
        raise bad(name, f"a broken npy file ({error})", "one array") from None


class NpzFields(Mapping):
    """The arrays of an npz, each read when it is asked for; `headers` holds shape and dtype of all."""

    def __init__(self, path, name):
        self.path, self.name, self.headers, self.read = path, name, {}, {}
        try:
            with zipfile.ZipFile(path) as archive:
                for entry in archive.infolist():
                    self._add(archive, entry)
        except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, OSError) as error:
            raise bad(name, f"a broken npz ({error})", "NumPy arrays") from None
        if not self.headers:
            raise bad(name, "an npz without arrays", "at least one")

    def _add(self, archive, entry):
        if not entry.filename.endswith(".npy"):
            raise bad(self.name, f"a zip archive with {entry.filename!r}", "an npz: arrays alone")
        key = entry.filename[:-4]
        with archive.open(entry) as file:
            self.headers[key] = npy_header(file, f"{self.name}: key {key!r}")

    def __getitem__(self, key):
        if key not in self.read:
            if key not in self.headers:
                raise KeyError(key)
            try:
                with np.load(self.path, allow_pickle=False) as arrays:
                    self.read[key] = arrays[key]
            except (ValueError, EOFError, OSError, zipfile.BadZipFile, zipfile.zlib.error) as error:
                raise bad(f"{self.name}: key {key!r}", f"a broken array ({error})", "an array") from None
        return self.read[key]

    def __iter__(self):
        return iter(self.headers)

    def __len__(self):
        return len(self.headers)


def read_npz(path, name, notes):
    return Content(name, NpzFields(path, name))


def read_wav(path, name, notes):
    import warnings

    from scipy.io import wavfile

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # chunks that hold no samples
            rate_hz, samples = wavfile.read(path)
    except Exception as error:  # scipy has many kinds for a broken wav
        raise bad(name, f"a broken wav ({error})", "PCM or float samples") from None
    if not len(samples) or rate_hz <= 0:
        raise bad(name, "a wav without samples", "at least one")
    return Content(name, {"": samples}, default="", rate_hz=float(rate_hz))


def mat_headers(path, name):
    """{variable: (shape, class)} without reading the values."""
    import scipy.io

    try:
        return {key: (shape, kind) for key, shape, kind in scipy.io.whosmat(path)}
    except Exception as error:  # scipy has many kinds for a broken file
        raise bad(name, f"a broken MAT file ({error})", "MAT v5") from None


def read_mat(path, name, notes):
    import scipy.io

    for key, (shape, _) in mat_headers(path, name).items():
        size = 8
        for n in shape:
            size *= int(n)
        if size > MAX_BYTES:
            raise bad(f"{name}: {key}", f"{size} bytes unpacked", f"at most {MAX_BYTES}")
    try:
        loaded = scipy.io.loadmat(path)
    except Exception as error:
        raise bad(name, f"a broken MAT file ({error})", "MAT v5") from None
    fields = {key: _mat_field(value) for key, value in loaded.items() if not key.startswith("__")}
    fields = {key: value for key, value in fields.items() if value is not None}
    if not fields:
        raise bad(name, "no arrays of numbers or text", "at least one")
    return Content(name, fields)


def _mat_field(value):
    """A cell array of texts as a list; structs, other cells and sparse matrices are left out."""
    if not isinstance(value, np.ndarray) or value.dtype.names:
        return None
    if value.dtype == object:
        cells = value.ravel().tolist()
        if all(isinstance(c, np.ndarray) and c.dtype.kind == "U" and c.size <= 1 for c in cells):
            return ["".join(c.ravel().tolist()) for c in cells]
        return None
    return value


def read_wfdb(path, name, notes):
    import wfdb

    stem = path.removesuffix(".hea")
    try:
        header = wfdb.rdheader(stem)
        if (header.sig_len or 0) * header.n_sig * 8 > MAX_BYTES:
            raise bad(name, f"{header.sig_len} samples of {header.n_sig} signals", f"at most {MAX_BYTES} bytes")
        record = wfdb.rdrecord(stem)
    except (ValueError, OSError, IndexError, KeyError, TypeError, AttributeError, UnicodeDecodeError) as error:
        raise bad(name, f"a broken record ({error})", "a WFDB header with its signal files") from None
    if record.p_signal is None or not record.n_sig:
        raise bad(name, "a record without signals", "at least one")
    fields = {"": record.p_signal}
    for i, signal in enumerate(record.sig_name):
        fields.setdefault(signal or str(i), record.p_signal[:, i])
    units = {signal: unit for signal, unit in zip(record.sig_name, record.units) if unit}
    return Content(name, fields, default="", rate_hz=float(record.fs), units=units)
