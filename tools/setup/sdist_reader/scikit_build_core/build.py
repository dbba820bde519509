"""Stands in for the build backend while pip fetches the llama-cpp-python source: pip wants metadata even of an
archive that it is only asked to download, and this gives it some, so that no code of the archive or of a build tool
runs. The archive itself is checked by its hash (tools/setup/llama.sh)."""

import pathlib

NAME, VERSION = "llama_cpp_python", "0.3.36"


def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
    folder = pathlib.Path(metadata_directory) / f"{NAME}-{VERSION}.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {NAME}\nVersion: {VERSION}\n")
    (folder / "WHEEL").write_text("Wheel-Version: 1.0\nGenerator: gpiot\nRoot-Is-Purelib: false\nTag: py3-none-any\n")
    return folder.name


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    raise NotImplementedError("only a source of metadata")
