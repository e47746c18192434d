"""lumbardisc: lumbar MRI in; every disc found, named, segmented in 3D and measured out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lumbardisc.pipeline.analyze import analyze
    from lumbardisc.pipeline.study import Study
    from lumbardisc.pipeline.t1rho import fit_t1rho

__version__ = "0.1.0"
__all__ = ["Study", "__version__", "analyze", "fit_t1rho"]


def __getattr__(name: str) -> Any:
    """The functions and `Study` are loaded when first asked for, so that `import lumbardisc` stays light."""
    if name in __all__:
        from lumbardisc import pipeline

        return getattr(pipeline, name)
    raise AttributeError(f"module 'lumbardisc' has no attribute '{name}'")
