"""Images whose discs have known boxes, and what detector and segmentation make of them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from measures import PIPELINE
from numpy.typing import NDArray

from lumbardisc.errors import NoSpineError
from lumbardisc.evaluation.detection import Box, Detection
from lumbardisc.inference.detection import Detector, FoundDisc
from lumbardisc.io.grid import working_affine
from lumbardisc.levels import is_disc
from lumbardisc.pipeline.clock import Clock
from lumbardisc.pipeline.refine import refine_spine
from lumbardisc.pipeline.spine import SecondReader, Spine, find_spine
from lumbardisc.training.detection.sources import SOURCES, BoxedCase
from lumbardisc.training.detection.sources.case import box_of
from lumbardisc.training.detection.sources.spider import MARGIN
from lumbardisc.training.splits import part_of
from lumbardisc.volume import Volume

DETECTOR, SEGMENTATION, REFINED = "detector", "segmentation", "refined segmentation"


@dataclass(frozen=True)
class BoxedImage:
    """group: what is told apart in tables. truth: disc label -> box. found: who reads -> the boxes."""

    group: str
    patient: str
    case: str
    truth: Mapping[int, Box]
    found: Mapping[str, tuple[Detection, ...]]


FOLDERS = {"spider_midsagittal": "spider"}
"""Where a source lies in the folder of all data sets, where not under its own name."""


def the_detector(options: argparse.Namespace) -> Detector:
    """The one to measure. Raises WeightsError where it is missing."""
    return Detector(options.weights)


def boxed_cases(options: argparse.Namespace, sources: Collection[str]) -> Iterator[BoxedCase]:
    """The cases of a part's patients, of data sets that are there."""
    for source in sources:
        folder = options.data / FOLDERS.get(source, source)
        for case in SOURCES[source](folder) if folder.exists() else ():
            wanted = options.part in ("all", part_of(source, case.patient))
            if wanted and any(case.boxes.values()):
                if options.verbose:
                    print(source, case.case, file=sys.stderr, flush=True)
                yield case


def read_image(case: BoxedCase, detector: Detector) -> BoxedImage:
    """A case of one slice, read by the detector, by the segmentation, and by that with its outlines drawn anew."""
    rows_mm, columns_mm = case.spacing[1:]
    spine, refiner = spine_of(case), PIPELINE.refiner
    refined = spine
    if spine and refiner and case.contrast in refiner.contrasts:
        refined = refine_spine(refiner, spine, Volume(case.image, working_affine(case.spacing)))
    found = {
        DETECTOR: tuple(map(_detection, detector(case.image[0], (rows_mm, columns_mm)))),
        SEGMENTATION: tuple(segmented(spine)) if spine else (),
        REFINED: tuple(segmented(refined)) if refined else (),
    }
    return BoxedImage(f"{case.source}, {case.contrast}", case.patient, case.case, case.boxes[0], found)


def as_published(image: BoxedImage) -> BoxedImage:
    """The same with the margin of SPIDER's published boxes left on them, and put on those that were found."""
    return replace(
        image,
        group=f"{image.group}, boxes as published",
        truth={label: _widened(box) for label, box in image.truth.items()},
        found={by: tuple(one._replace(box=_widened(one.box)) for one in seen) for by, seen in image.found.items()},
    )


def _widened(box: Box) -> Box:
    x0, y0, x1, y1 = box
    return x0 - MARGIN, y0 - MARGIN, x1 + MARGIN, y1 + MARGIN


def spine_of(case: BoxedCase, second: SecondReader | None = None) -> Spine | None:
    """What the segmentation sees; None where it sees no spine."""
    try:
        return find_spine(PIPELINE.segmenter, Volume(case.image, working_affine(case.spacing)), Clock(), second=second)
    except NoSpineError:
        return None


def segmented(spine: Spine) -> Iterator[Detection]:
    """Boxes round the discs on the mid-sagittal slice; as sure as name and outline are."""
    labelling = spine.labelling
    for label, mask in disc_masks(labelling.labels[labelling.mid_slice]).items():
        yield Detection(label, box_of(mask), labelling.confidence[label] * labelling.certainty[label])


def disc_masks(section: NDArray[np.integer]) -> dict[int, NDArray[np.bool_]]:
    """Label -> mask (row, column) of each disc on a slice of a label map."""
    return {int(label): section == label for label in np.unique(section) if is_disc(int(label))}


def _detection(found: FoundDisc) -> Detection:
    return Detection(found.label, found.box, found.confidence * found.level_probabilities[found.label])
