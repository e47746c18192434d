"""How well text in pixels is seen: `python benchmarks/lettering DATA`; DATA as `benchmarks/accuracy` takes it.

False alarms are counted on the slices of training patients. Then a line is drawn by Pillow into each corner of a sample
of them, in several sizes and greys, and it is counted how often it is seen, on the dark background and on tissue.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from lumbardisc.io.blobs import Blob
from lumbardisc.io.deidentify.lettering import lettered
from lumbardisc.io.images import load_image
from lumbardisc.training.splits import part_of

FOLDERS = ("spider/midsagittal", "spider/space", "mendeley_t1", "vertebrae_t2", "vertebrae_water")
LINE = "DOE^JANE 12.03.1961"
SIZES, GREYS = (8, 10, 12, 14, 18, 24, 32), (1.0, 0.7)
SAMPLE, SEED = 60, 0
MARGIN = 5  # pixels from the edges
DARK = 0.1  # of the brightest value: what the line covers is background below it

Grey = NDArray[np.float32]


def main() -> int:
    """Count and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("data", type=Path)
    slices = list(training_slices(parser.parse_args().data))
    print(f"{sum(map(lettered, slices))} false alarms on {len(slices)} slices of training patients\n")
    chosen = np.random.default_rng(SEED).choice(len(slices), SAMPLE, replace=False)
    print("| letters | grey | on the background | on tissue |\n|---:|---:|---:|---:|")
    for size in SIZES:
        for grey in GREYS:
            seen, drawn = count([slices[index] for index in chosen], size, grey)
            cells = (f"{seen[place]} of {drawn[place]}" for place in ("dark", "tissue"))
            print(f"| {size} | {grey:g} | {' | '.join(cells)} |", flush=True)
    return 0


def training_slices(data: Path) -> Iterator[Grey]:
    """Every slice of the training patients, upright."""
    for folder in FOLDERS:
        for path in sorted((data / folder).iterdir()):
            stem, source = path.name.split(".")[0], folder.split("/")[0]
            image = path.name.endswith((".png", ".nii.gz")) and not stem.endswith(("_mask", "_vertebrae"))
            if image and part_of(source, stem.split("_")[0]) != "test":
                volume = load_image(Blob(path), (4.0, 1.0, 1.0), None).volume
                yield from np.asarray(volume.sagittal().array, dtype=np.float32)


def count(slices: list[Grey], size: int, grey: float) -> tuple[Counter[str], Counter[str]]:
    """How often the line was seen and drawn, by what it covers."""
    seen, drawn = Counter[str](), Counter[str]()
    for image in slices:
        for corner in range(4):
            with_line, covered = with_text(image, size, grey, corner)
            place = "dark" if np.median(covered) < DARK * image.max() else "tissue"
            drawn[place] += 1
            seen[place] += lettered(with_line)
    return seen, drawn


def with_text(image: Grey, size: int, grey: float, corner: int) -> tuple[Grey, Grey]:
    """The image with the line in a corner, and what it covers."""
    letters = Image.new("L", image.shape[::-1])
    draw, font = ImageDraw.Draw(letters), ImageFont.load_default(size)
    left, top, right, bottom = (round(edge) for edge in draw.textbbox((0, 0), LINE, font=font))
    x = max(image.shape[1] - right - MARGIN, 0) if corner % 2 else MARGIN
    y = max(image.shape[0] - bottom - MARGIN, 0) if corner // 2 else MARGIN
    draw.text((x, y), LINE, fill=255, font=font)
    share = np.asarray(letters, dtype=np.float32) / 255
    covered = image[y + top : y + bottom, x + left : x + right]
    return image * (1 - share) + image.max() * grey * share, covered


if __name__ == "__main__":
    raise SystemExit(main())
