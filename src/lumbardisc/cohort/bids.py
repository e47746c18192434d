"""BIDS data sets: which of their images are looked at, and names taken apart by the rules of BIDS."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from lumbardisc.errors import UnreadableError, UsageError

CONTRASTS = {"T1w": "t1", "T2w": "t2"}
"""Suffixes of the images that are looked at, and the contrast that each tells."""

_NAME = re.compile(r"((?:[a-z]+-[a-zA-Z0-9]+_)+)([a-zA-Z0-9]+)\.nii(?:\.gz)?")
_LEADING = ("sub", "ses")


@dataclass(frozen=True)
class BidsImage:
    """One anatomical image. path: within the data set. entities: of its name, in their order. suffix: ``T2w``."""

    root: Path
    path: str
    entities: Mapping[str, str]
    suffix: str

    @property
    def stem(self) -> str:
        """The name without its ending; unique within a data set."""
        return "_".join([self.common, self.suffix])

    @property
    def common(self) -> str:
        """What names of files that are made from this image begin with."""
        return "_".join(f"{key}-{value}" for key, value in self.entities.items())


def images(root: Path, participants: Collection[str] = ()) -> tuple[list[BidsImage], dict[str, str]]:
    """The images of a data set, of these participants (labels with or without ``sub-``) or of all, by their names.

    Also what is wrong: path of a file -> the rule of BIDS that its name breaks. Raises UnreadableError where ``root``
    is no BIDS data set, UsageError where it does not have one of the participants, or no image at all.
    """
    check_dataset(root)
    labels = [label.removeprefix("sub-") for label in participants]
    if missing := [label for label in labels if not (root / f"sub-{label}").is_dir()]:
        raise UsageError(f"--participant-label {missing[0]}: {root} has no folder sub-{missing[0]}; check the label")
    found: dict[str, BidsImage] = {}
    wrong = {}
    for file in sorted(path for suffix in CONTRASTS for path in root.glob(f"sub-*/**/anat/*_{suffix}.nii*")):
        path = file.relative_to(root).as_posix()
        if labels and path.partition("/")[0].removeprefix("sub-") not in labels:
            continue
        try:
            image = _image(root, path)
            if image.stem in found:
                raise UnreadableError(
                    f"{path}: is beside {found[image.stem].path}, of the same name; remove one of them"
                )
            found[image.stem] = image
        except UnreadableError as error:
            wrong[path] = str(error)
    if not found and not wrong:
        kinds = " or ".join(CONTRASTS)
        raise UsageError(f"{root}: has no image sub-*/[ses-*/]anat/*_{kinds}.nii.gz of these participants; check both")
    return list(found.values()), wrong


def check_dataset(root: Path) -> None:
    """Raise UnreadableError where a folder does not say that it is a BIDS data set."""
    description = root / "dataset_description.json"
    try:
        facts = json.loads(description.read_text(encoding="utf-8"))
        absent = [name for name in ("Name", "BIDSVersion") if not isinstance(facts, dict) or name not in facts]
    except OSError:
        raise UnreadableError(f"{root}: has no dataset_description.json, so it is no BIDS data set; add one") from None
    except ValueError as error:
        raise UnreadableError(f"{description}: is not valid JSON ({error}); correct it") from None
    if absent:
        raise UnreadableError(f"{description}: has no {' and no '.join(absent)}, which BIDS requires; add them")


def _image(root: Path, path: str) -> BidsImage:
    """The image at a path within the data set. Raises UnreadableError with the rule that it breaks."""
    *folders, name = path.split("/")
    matched = _NAME.fullmatch(name)
    if not matched:
        raise UnreadableError(f"{path}: is not named by BIDS (key-value pairs joined by _, then the suffix); rename it")
    pairs = [pair.split("-") for pair in matched[1].rstrip("_").split("_")]
    entities = {key: value for key, value in pairs}
    if len(entities) < len(pairs):
        raise UnreadableError(f"{path}: has an entity twice, which BIDS does not allow; rename it")
    expected = [f"{key}-{entities[key]}" for key in _LEADING if key in entities]
    if folders != [*expected, "anat"] or list(entities)[: len(expected)] != [*_LEADING][: len(expected)]:
        raise UnreadableError(f"{path}: its sub- and ses- are not those of its folders, as BIDS has it; rename it")
    return BidsImage(root, path, entities, matched[2])
