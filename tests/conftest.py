"""What many tests share: one small phantom study, drawn once, and a PACS that runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import orthanc_server
import pytest

from lumbardisc.io import save_nifti
from lumbardisc.phantom import make_phantom
from lumbardisc.phantom.acquire import Geometry
from lumbardisc.volume import Volume


@pytest.fixture(scope="session")
def spine() -> Volume:
    """Five sagittal T2 slices of 256 x 256 pixels, T11 to the sacrum, whole numbers as scanners store them."""
    pixel = 270 / 256
    geometry = Geometry.plan(
        slices=5, matrix=(256, 256), pixel_mm=(pixel, pixel), gap_mm=2.0, centre=(0.0, 22.0, -22.0)
    )
    image = make_phantom(1, geometry=geometry, samples=1).image
    return Volume(np.rint(image.array * (1600.0 / image.array.max())).astype(np.uint16), image.affine)


@pytest.fixture(scope="session")
def spine_file(spine: Volume, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same study as a file, under a name with spaces and of other scripts."""
    path = tmp_path_factory.mktemp("Befunde mit Leerzeichen") / "Rückenwirbelsäule 腰.nii"
    save_nifti(spine, path)
    return path


@pytest.fixture(scope="session")
def orthanc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[orthanc_server.Orthanc]:
    """A real PACS on loopback. Whoever uses it removes nothing of others: ask for what you stored yourself."""
    with orthanc_server.running(tmp_path_factory.mktemp("orthanc")) as server:
        yield server
