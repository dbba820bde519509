"""The backend that llama-cpp-python names."""

from sdist_metadata import build_wheel, prepare_metadata_for_build_wheel  # noqa: F401
