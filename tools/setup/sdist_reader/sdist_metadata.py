"""Stands in for the build backends while pip fetches sources: pip wants metadata even of an archive that it is only asked
to download, and this gives it some, so that no code of the archive or of a build tool runs. Name and version are those
that the archive states; pip compares them with what it asked for. The archive itself is checked by its hash (fetch_sdist
in tools/setup/lib.sh)."""

import email.parser
import pathlib


def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
    stated = email.parser.Parser().parsestr(pathlib.Path("PKG-INFO").read_text(encoding="utf-8"), headersonly=True)
    name, version = stated["Name"].replace("-", "_"), stated["Version"]
    folder = pathlib.Path(metadata_directory) / f"{name}-{version}.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    (folder / "WHEEL").write_text("Wheel-Version: 1.0\nGenerator: gpiot\nRoot-Is-Purelib: false\nTag: py3-none-any\n")
    return folder.name


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    raise NotImplementedError("only a source of metadata")
