"""How a series was acquired, as its header says: timing, sequence and scanner, nothing of the patient."""

from __future__ import annotations

from dataclasses import dataclass

NAN = float("nan")


@dataclass(frozen=True)
class Acquisition:
    """Facts of one series; NaN or empty where the header is silent. Times in ms, angle in degrees, field in tesla.

    image_type: upper-case values of ImageType (or FrameType). sequence: upper-case codes of ScanningSequence
    (SE, IR, GR, EP, RM), also for enhanced objects. dimensions: ``2D`` or ``3D``. body_part: BodyPartExamined.
    """

    modality: str = ""
    description: str = ""
    body_part: str = ""
    sequence_name: str = ""
    image_type: tuple[str, ...] = ()
    sequence: tuple[str, ...] = ()
    dimensions: str = ""
    repetition_time_ms: float = NAN
    echo_time_ms: float = NAN
    inversion_time_ms: float = NAN
    flip_angle_deg: float = NAN
    slice_thickness_mm: float = NAN
    field_strength_t: float = NAN
    manufacturer: str = ""
    model: str = ""

    @property
    def text(self) -> str:
        """What was written about the series by hand and by the scanner, lower case, words apart by spaces."""
        return f"{self.description} {self.sequence_name}".lower().replace("_", " ").replace("-", " ")

    def headers(self) -> dict[str, float | str]:
        """The known facts under the names that ``Scan.headers`` uses."""
        names = (
            "repetition_time_ms",
            "echo_time_ms",
            "inversion_time_ms",
            "flip_angle_deg",
            "slice_thickness_mm",
            "field_strength_t",
            "dimensions",
            "manufacturer",
            "model",
        )
        return {name: value for name in names if (value := getattr(self, name)) not in ("", None) and value == value}
