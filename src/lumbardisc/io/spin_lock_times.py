"""Where the headers of a spin-lock series tell the spin-lock time (TSL): no standard attribute does, so conventions.

In this order, the first that tells at least two times:
- the element that the user names (``--tsl-tag``), and then nothing else;
- the private element that our own phantom writes (see ``dicom_write``);
- words: ``TSL 15 ms``, ``spin-lock 15``, or ``SL15`` in a text that speaks of T1rho, one time in each series'
  description, protocol or sequence name, or in each image's comments;
- Trigger Time or Echo Time, where the text speaks of T1rho and just one of the two takes several values, each in as
  many images. Philips' T1rho sequence puts the spin-lock time into Trigger Time and lists all of them in the
  description, ``TSL_0_10_40_80ms`` (as read by github.com/mggardne/T1rho); the images of GE's Cube-Quant differ in
  Echo Time (as read by DOSMA, github.com/ad12/DOSMA).
"""

from __future__ import annotations

import math
import re
import struct
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from lumbardisc.errors import SeriesError, UsageError
from lumbardisc.io.blobs import Blob, Reader
from lumbardisc.io.dicom_header import Frame, parse
from lumbardisc.io.dicom_values import layers_of, number_of, quietly, text_of
from lumbardisc.io.dicom_write import PRIVATE_CREATOR, PRIVATE_GROUP, SPIN_LOCK_ELEMENT

if TYPE_CHECKING:
    from pydicom import Dataset

LONGEST_MS = 500.0
"""Spin-lock pulses end well before this, for the heat they deposit; a number beyond it is something else."""

_TEXTS = {
    "SeriesDescription": "the series descriptions",
    "ProtocolName": "the protocol names",
    "SequenceName": "the sequence names",
    "ImageComments": "the image comments",
}
_CARRIERS = {"TriggerTime": "Trigger Time", "EchoTime": "Echo Time"}
_PHILIPS_GROUP, _PHILIPS_CREATOR, _SCALE_SLOPE = 0x2005, "Philips MR Imaging DD 001", 0x0E
_ALONG = ("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence", "RescaleSlope")

_BLOCKS = range(0x10, 0x40)  # of private elements; creators take them from the first on, and are never that many
_T1RHO = r"t1 ?rho|t1 ?\u03c1|t1r(?![a-z])|spin ?lock|tsl|cubequant"
_NUMBER = r"\d+(?:\.\d+)?"
_NUMBERS = rf"({_NUMBER}(?:[ ,/]+{_NUMBER})*)(?![\d.])(?! ?(?:k?hz|mm))"
_LOCKS = (rf"tsl ?{_NUMBERS}", rf"spin ?lock(?: ?time)? ?{_NUMBERS}")
_SHORT_LOCK = rf"(?<![a-z])sl ?{_NUMBERS}"
_TAG = re.compile(r"""\(?\s*([0-9a-f]{4})\s*,\s*(?:["']([^"']+)["']\s*,\s*([0-9a-f]{2})|([0-9a-f]{4}))\s*\)?""", re.I)


@dataclass(frozen=True)
class Element:
    """A DICOM element: its group, the creator of its private block (empty: a plain tag), its number (in the block)."""

    group: int
    creator: str
    number: int

    @classmethod
    def parse(cls, text: str) -> Element:
        """``0019,1001`` or ``0019,"CREATOR",01``, hexadecimal. Raises UsageError."""
        found = _TAG.fullmatch(text.strip())
        if found is None:
            raise UsageError(
                f'--tsl-tag {text}: is no DICOM tag; write it as 0019,1001 or, private, as 0019,"CREATOR",01'
            )
        group, creator, inner, plain = found.groups()
        return cls(int(group, 16), creator or "", int(inner or plain, 16))

    def __str__(self) -> str:
        if self.creator:
            return f'({self.group:04x},"{self.creator}",{self.number:02x})'
        return f"({self.group:04x},{self.number:04x})"

    @property
    def tags(self) -> list[int]:
        """The tags to parse so that the element is found, whichever block of its group its creator took."""
        if not self.creator:
            return [self.group << 16 | self.number]
        return [self.group << 16 | tag for block in _BLOCKS for tag in (block, block << 8 | self.number)]

    def value(self, layers: Sequence[Dataset]) -> float:
        """The number in the first of some datasets that has the element; NaN where none has."""
        for layer in layers:
            try:
                holder = layer.private_block(self.group, self.creator) if self.creator else layer
                return _number(holder[self.number if self.creator else self.group << 16 | self.number].value)
            except Exception:  # it has none, or one that is damaged: pydicom raises many types
                continue
        return math.nan


_OURS = Element(PRIVATE_GROUP, PRIVATE_CREATOR, SPIN_LOCK_ELEMENT)
_SCALE = Element(_PHILIPS_GROUP, _PHILIPS_CREATOR, _SCALE_SLOPE)


@dataclass(frozen=True)
class Header:
    """What one image says that may tell its spin-lock time. asked, ours: of the elements; NaN where they are not there.

    texts: by keyword. carriers: ms, by keyword. scale: what the stored signal was multiplied by (Philips), else 1.
    """

    asked: float
    ours: float
    texts: dict[str, str]
    carriers: dict[str, float]
    scale: float

    @property
    def speaks_of_t1rho(self) -> bool:
        """Whether any of its texts does."""
        return any(re.search(_T1RHO, _plain(text)) for text in self.texts.values())


@dataclass(frozen=True)
class Told:
    """Spin-lock times in ms of some of the frames, by (blob, index), and where they were read."""

    times: dict[tuple[Blob, int], float]
    source: str


def times_in(text: str, of_t1rho: bool = False) -> tuple[float, ...]:
    """The spin-lock times in ms that a text names: ``"T1rho TSL 15 ms"`` -> (15.0,).

    of_t1rho: whether it is known to be about T1rho, so that ``SL15`` counts although the text does not say so itself.
    """
    plain = _plain(text)
    allowed = (*_LOCKS, _SHORT_LOCK) if of_t1rho or re.search(_T1RHO, plain) else _LOCKS
    found = next((match for pattern in allowed if (match := re.search(pattern, plain))), None)
    times = [float(number) for number in re.findall(_NUMBER, found.group(1))] if found else []
    return tuple(time for time in times if time <= LONGEST_MS)


def read_headers(frames: Sequence[Frame], asked: Element | None) -> dict[tuple[Blob, int], Header]:
    """The headers of frames by (blob, index); each file is opened once."""
    tags = [*_TEXTS, *_CARRIERS, *_ALONG, *_OURS.tags, *_SCALE.tags, *(asked.tags if asked else ())]
    headers = {}
    with Reader() as reader, quietly():
        for blob, group in groupby(sorted(frames, key=lambda one: (one.blob, one.index)), key=lambda one: one.blob):
            with reader.open(blob) as stream:
                dataset = parse(stream, stop_before_pixels=True, specific_tags=tags)
            for frame in group:
                headers[blob, frame.index] = _header(layers_of(dataset, frame.index), asked)
    return headers


def spin_lock_times(frames: Sequence[Frame], headers: dict[tuple[Blob, int], Header], asked: Element | None) -> Told:
    """The spin-lock times that headers tell. Raises SeriesError that says what was looked for where they tell none."""
    looked = [_told(frames, headers, read, source) for read, source in _ways(asked)]
    looked += [] if asked else [_carried(frames, headers)]
    best = next((told for told in looked if len(set(told.times.values())) > 1), None)
    if best is not None:
        return best
    only = next((told for told in looked if told.times), None)
    if only is not None:
        time = next(iter(only.times.values()))
        raise SeriesError(
            f"holds images of one spin-lock time only ({time:g} ms, by {only.source}); a decay needs two at least, "
            "better four: pass all of the series"
        )
    places = (
        f"the element {asked}"
        if asked
        else (
            f"the phantom's private element, {', '.join(_TEXTS.values())}, and Trigger or Echo Time of a T1rho series"
        )
    )
    raise SeriesError(
        f"no spin-lock time was found in {places}; give the times in ms in the order of the images, e.g. "
        "--tsl 2,15,30,45, or the element that holds them with --tsl-tag"
    )


def _ways(asked: Element | None) -> list[tuple[Callable[[Header], float], str]]:
    """How a header may tell its time by itself, and what that is called."""
    if asked is not None:
        return [(lambda header: header.asked, f"the element {asked}")]
    texts = [(_reading(keyword), source) for keyword, source in _TEXTS.items()]
    return [(lambda header: header.ours, f"the private element {_OURS}"), *texts]


def _reading(keyword: str) -> Callable[[Header], float]:
    """Reads the one time that a text names, NaN for none and for a list."""

    def read(header: Header) -> float:
        times = times_in(header.texts[keyword], header.speaks_of_t1rho)
        return times[0] if len(times) == 1 else math.nan

    return read


def _told(
    frames: Sequence[Frame],
    headers: dict[tuple[Blob, int], Header],
    read: Callable[[Header], float],
    source: str,
) -> Told:
    found = {(frame.blob, frame.index): read(headers[frame.blob, frame.index]) for frame in frames}
    return Told({key: round(time, 3) for key, time in found.items() if 0.0 <= time <= LONGEST_MS}, source)


def _carried(frames: Sequence[Frame], headers: dict[tuple[Blob, int], Header]) -> Told:
    """By Trigger or Echo Time of T1rho series, where just one of them takes several values."""
    rho = [frame for frame in frames if headers[frame.blob, frame.index].speaks_of_t1rho]
    ways = [
        _told(rho, headers, _carrier(keyword), f"{name} of a series that is called T1rho")
        for keyword, name in _CARRIERS.items()
    ]
    varied = [told for told in ways if len(set(told.times.values())) > 1]
    even = varied and len(set(Counter(varied[0].times.values()).values())) == 1
    return varied[0] if even and len(varied) == 1 else Told({}, "")


def _carrier(keyword: str) -> Callable[[Header], float]:
    return lambda header: header.carriers[keyword]


def _header(layers: Sequence[Dataset], asked: Element | None) -> Header:
    slope, scale = number_of(layers, "RescaleSlope"), _SCALE.value(layers)
    texts = {keyword: text_of(layers, keyword) for keyword in _TEXTS}
    echo = number_of(layers, "EchoTime", "EffectiveEchoTime")
    trigger = number_of(layers, "TriggerTime", "NominalCardiacTriggerDelayTime")
    return Header(
        asked=asked.value(layers) if asked else math.nan,
        ours=_OURS.value(layers),
        texts=texts,
        carriers={"TriggerTime": trigger, "EchoTime": echo},
        scale=scale * (1.0 if math.isnan(slope) else slope) if scale > 0 else 1.0,
    )


def _plain(text: str) -> str:
    """Lower case, words apart by spaces."""
    return re.sub(r"[\s_:=\-]+", " ", text.lower())


def _number(value: Any) -> float:
    """A value as a number: of its own, in text, or in the bytes of an element whose type nobody told; else NaN."""
    if isinstance(value, bytes):
        layouts = {4: "<f", 8: "<d"}
        text = value.decode("ascii", errors="replace").strip(" \0")
        if not re.fullmatch(_NUMBER, text) and len(value) in layouts:
            return float(struct.unpack(layouts[len(value)], value)[0])
        value = text
    try:
        return float(value)
    except (TypeError, ValueError):
        times = times_in(str(value))
        return times[0] if len(times) == 1 else math.nan
