"""The folder of results of `fit-t1rho`: maps, table, picture, page, record."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from lumbardisc.pipeline.t1rho import T1rhoStudy
from lumbardisc.report.folder import write_files

MAPS = ("t1rho.nii.gz", "t1rho_se.nii.gz", "r2.nii.gz", "t1rho_trusted.nii.gz", "t1rho_unbiased.nii.gz")
OF_DISCS = ("discs.csv", "segmentation.nii.gz", "segmentation.tsv", "regions.nii.gz", "nucleus.nii.gz")
FILES = (*MAPS, *OF_DISCS, "overlay.png", "report.html", "result.json")
_SHOWN = (
    *("level_confidence", "t1rho_mean_ms", "t1rho_mean_se_ms", "t1rho_min_ms", "t1rho_max_ms", "phase"),
    *("phase_margin_ms", "t1rho_roi_mm2", "t1rho_nucleus_mean_ms", "t1rho_nucleus_3d_mean_ms"),
)


def write_t1rho(result: T1rhoStudy, out: Path) -> None:
    """Write all results into ``out``, whole or not at all; those of discs only where discs are known.

    Raises OutputError.
    """
    write_files(out, FILES, lambda folder: _fill(result, folder))


def page(result: T1rhoStudy) -> str:
    """The text of report.html."""
    from lumbardisc.report.columns import meaning
    from lumbardisc.report.page import context, render
    from lumbardisc.report.t1rho_view import COLORS, along, t1rho_view, ticks

    provenance = result.study.provenance
    told = {key: part for key, part in provenance.items() if key != "anatomy"}  # which result.json keeps
    values = {
        "images": provenance["spin_lock"]["images"],
        "times": [f"{time:g}" for time in result.series.times_ms],
        "times_from": result.series.times_from,
        "found_on": provenance["discs_found_on"],
        "trusted": f"{result.fit.trusted.mean():.0%}",
        "scale": {
            "colors": ["#{:02x}{:02x}{:02x}".format(*color) for color in COLORS],
            "ticks": [{"percent": round(100 * along(ms), 1), "text": f"{ms:g}"} for ms in ticks()],
        },
    }
    shown = [meaning(name) for name in _SHOWN]
    return render(
        "t1rho.html.j2", {**context(replace(result.study, provenance=told), t1rho_view(result), shown=shown), **values}
    )


def _fill(result: T1rhoStudy, folder: Path) -> None:
    from lumbardisc.io.nifti import save_nifti
    from lumbardisc.report.record import result_json
    from lumbardisc.report.structures import look_up_tsv
    from lumbardisc.report.t1rho_view import t1rho_png, t1rho_view
    from lumbardisc.report.table import discs_csv

    fit = result.fit
    for name, map_ in zip(MAPS, (fit.time_ms, fit.se_ms, fit.r2, fit.trusted, result.for_means_ms), strict=True):
        save_nifti(result.volume(map_), folder / name)
    texts = {"report.html": page(result), "result.json": result_json(result.study)}
    if result.discs:
        save_nifti(result.study.labels, folder / "segmentation.nii.gz")
        save_nifti(result.of_discs(result.roi), folder / "regions.nii.gz")
        save_nifti(result.of_discs(result.nucleus), folder / "nucleus.nii.gz")
        texts |= {"discs.csv": discs_csv(result.study), "segmentation.tsv": look_up_tsv(result.study)}
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    (folder / "overlay.png").write_bytes(t1rho_png(t1rho_view(result)))
