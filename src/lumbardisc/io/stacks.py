"""Takes the series of a study apart into stacks: frames that could form one volume.

By size, echo time, kind of image and orientation, as a localizer holds three planes and a Dixon series several images;
and by place, as a series may hold the stations of a whole spine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from lumbardisc.io.contrast import contrast_of
from lumbardisc.io.dicom_geometry import SAME_PLACE_MM, normal_of, plane_of, positions
from lumbardisc.io.dicom_header import Frame

SAME_DIRECTION = 0.02  # largest difference of direction cosines within a stack, about 1 degree
BESIDE_MM = 20.0  # slices of one stack are not shifted against each other that far; stations of a spine are


@dataclass(frozen=True, eq=False)
class Stack:
    """Frames of one series that could form one volume."""

    frames: tuple[Frame, ...]

    @property
    def first(self) -> Frame:
        return self.frames[0]

    @cached_property
    def contrast(self) -> str | None:
        """One of ``CONTRASTS`` or None."""
        return contrast_of(self.first.acquisition)

    @cached_property
    def normal(self) -> tuple[float, float, float]:
        """Unit normal of the planes, LPS."""
        x, y, z = normal_of(self.first)
        return float(x), float(y), float(z)

    @cached_property
    def heights(self) -> tuple[float, float]:
        """Lowest and highest point of the planes' edges, mm (LPS and RAS z)."""
        plane = plane_of(self.first)
        down = plane.along_column[2] * plane.pixel[0] * (self.first.rows - 1)
        along = plane.along_row[2] * plane.pixel[1] * (self.first.columns - 1)
        corners = positions(self.frames)[:, 2][:, None] + np.array([0.0, down, along, down + along])
        return float(corners.min()), float(corners.max())

    @cached_property
    def width_mm(self) -> float:
        """How far the slices reach across, with their thickness."""
        across = positions(self.frames) @ np.asarray(self.normal)
        thickness = self.first.acquisition.slice_thickness_mm
        return float(np.ptp(across) + (thickness if thickness == thickness else 0.0))

    @property
    def text(self) -> str:
        """What is written about the series and the body part."""
        return f"{self.first.acquisition.text} {self.first.acquisition.body_part.lower()}"

    def facts(self) -> dict[str, Any]:
        """What names and describes the stack, JSON-ready, nothing of the patient."""
        return {
            "series_number": self.first.number,
            "description": self.first.acquisition.description,
            "images": len(self.frames),
            "contrast": self.contrast,
        }

    def __str__(self) -> str:
        description = self.first.acquisition.description
        return f"series {self.first.number}{f' ({description})' if description else ''}"


def stacks_of(frames: Sequence[Frame]) -> list[Stack]:
    """Takes the series of a study apart into stacks, in order of series number."""
    alike: dict[tuple[Any, ...], list[list[Frame]]] = {}
    for frame in frames:
        groups = alike.setdefault(_kind(frame), [])
        fitting = next((group for group in groups if _same_direction(group[0], frame)), None)
        if fitting is None:
            groups.append([frame])
        else:
            fitting.append(frame)
    stacks = [Stack(tuple(part)) for groups in alike.values() for group in groups for part in _stations(group)]
    return sorted(stacks, key=lambda stack: (stack.first.number, stack.first.series, stack.first.order))


def _kind(frame: Frame) -> tuple[Any, ...]:
    """What the frames of a stack have in common, orientation aside."""
    echo = frame.acquisition.echo_time_ms
    pixel = tuple(round(size, 3) for size in frame.plane.pixel) if frame.plane else ()
    size = (frame.rows, frame.columns, pixel)
    series = frame.series or frame.number  # some anonymisers leave no UID
    return series, size, frame.acquisition.image_type, round(echo, 1) if echo == echo else None


def _same_direction(one: Frame, other: Frame) -> bool:
    if one.plane is None or other.plane is None:
        return one.plane is other.plane
    here, there = ((*plane.along_row, *plane.along_column) for plane in (one.plane, other.plane))
    return bool(np.abs(np.subtract(here, there)).max() < SAME_DIRECTION)


def _stations(frames: list[Frame]) -> list[list[Frame]]:
    """Frames of one direction, taken apart where some lie beside others in one plane: stations of a whole spine."""
    if frames[0].plane is None:
        return [frames]
    normal, places = normal_of(frames[0]), positions(frames)
    heights = places @ normal
    order = np.argsort(heights, kind="stable")
    within = (places - np.outer(heights, normal))[order]  # the plane
    between = np.diff(within, axis=0)
    beside = (np.diff(heights[order]) < SAME_PLACE_MM) & (np.linalg.norm(between, axis=1) > BESIDE_MM)
    if not beside.any():
        return [frames]
    away = between[np.argmax(beside)]
    along = within @ (away / np.linalg.norm(away))
    ranked = np.argsort(along, kind="stable")
    parts = np.split(order[ranked], np.flatnonzero(np.diff(along[ranked]) > BESIDE_MM) + 1)
    return [[frames[i] for i in sorted(part)] for part in parts]
