"""lumbardisc: lumbar MRI in; every disc found, named, segmented in 3D and measured out."""

from __future__ import annotations

__version__ = "0.1.0"
