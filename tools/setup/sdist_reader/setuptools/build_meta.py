"""The backend of archives that name none; `__legacy__` is what pip calls it then."""

import sys

from sdist_metadata import build_wheel, prepare_metadata_for_build_wheel  # noqa: F401

__legacy__ = sys.modules[__name__]
