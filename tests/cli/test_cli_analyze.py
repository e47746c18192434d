"""`lumbardisc analyze`: what it asks of the parts, what it says, and its exit codes. The parts are stand-ins."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from lumbardisc import io, pipeline, report
from lumbardisc.cli.main import run
from lumbardisc.cohort import study
from lumbardisc.errors import GeometryError, NoSpineError, SeriesError, UnreadableError
from lumbardisc.io.blobs import Blob
from lumbardisc.io.scan import CONTRASTS, Scan, Source
from lumbardisc.volume import Volume

CHOICE = {
    "chosen": {
        **{"series_number": 4, "description": "t2 tse", "images": 15},
        "reasons": ["sagittal", "the only one that fits"],
    },
    "companions": [{"series_number": 6, "description": "t1 tse", "images": 15}],
    "also_fit": [{"series_number": 5, "description": "t1", "images": 15}],
    "refused": [{"series_number": 1, "description": "", "images": 3, "reason": "is a localizer"}],
}

PARTS = SimpleNamespace(cards={"segmentation": {"sha256": "0"}})


@dataclass
class House:
    """Stand-ins for reading, analysing and writing: an input named ``bad*`` raises what ``raises`` holds."""

    raises: BaseException = field(default_factory=lambda: UnreadableError("the file is truncated; copy it again"))
    asked: dict[str, Any] = field(default_factory=dict)
    how: dict[str, Any] = field(default_factory=dict)
    written: list[Path] = field(default_factory=list)
    prior: Any = None

    def find(self, inputs: list[Path], **options: Any) -> list[Source]:
        self.asked = options
        return [Source(path.stem, path, self._loader(path)) for path in inputs]

    def _loader(self, path: Path) -> Callable[[], Scan]:
        def load() -> Scan:
            if path.name.startswith("bad"):
                raise self.raises
            return Scan(Volume(np.zeros((2, 3, 4)), np.eye(4)), headers={"echo_time_ms": 100.0}, choice=CHOICE)

        return load

    def pipeline_for(self, **how: Any) -> Any:
        self.how = how
        return PARTS

    def analyze_scan(
        self,
        _scan: Scan,
        name: str,
        parts: Any,
        *,
        prior: Any = None,
        progress: Callable[[str, float], None] = lambda *_: None,
    ) -> Any:
        assert parts is PARTS
        self.prior = prior
        progress("segmenting", 0.5)
        timings = {"timings": {"segmentation_s": 1.5}}
        return SimpleNamespace(name=name, provenance=timings, discs={}, warnings=(), flags=())

    def write(self, _study: Any, out: Path, _wanted: Any) -> None:
        self.written.append(out)
        out.mkdir(parents=True, exist_ok=True)
        for name in report.USUAL:
            (out / name).write_text("level,flags\n" if name == "discs.csv" else "")
        Image.new("RGB", (30, 40)).save(out / "overlay.png")


@pytest.fixture(autouse=True)
def house(monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    parts = House()
    monkeypatch.setattr(io, "find", parts.find)
    monkeypatch.setattr(pipeline, "pipeline_for", parts.pipeline_for)
    monkeypatch.setattr(pipeline, "analyze_scan", parts.analyze_scan)
    monkeypatch.setattr(report, "write", parts.write)
    monkeypatch.setattr("lumbardisc.report.terminal.summary", lambda study: f"{study.name}: 5 discs")
    study._parts.cache_clear()
    yield parts
    study._parts.cache_clear()


def test_one_study_goes_to_out_itself(house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["analyze", "scan.nii.gz", "-o", str(tmp_path / "out")]) == 0
    assert house.written == [tmp_path / "out"]
    printed = capsys.readouterr()
    assert "5 discs" in printed.out
    assert str(tmp_path / "out" / "report.html") in printed.out
    assert printed.err == ""


def test_many_studies_go_to_a_folder_each(house: House, tmp_path: Path) -> None:
    assert run(["analyze", "a.nrrd", "b.mha", "-o", str(tmp_path)]) == 0
    assert house.written == [tmp_path / "a", tmp_path / "b"]


def test_many_studies_get_a_table_failures_and_a_page_and_are_not_repeated(
    house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["analyze", "a.nrrd", "bad.nii", "b.mha", "-o", str(tmp_path)]) == 1
    assert "2 studies done" in capsys.readouterr().out
    for name in ("cohort.csv", "failures.csv", "qc.html"):
        assert (tmp_path / name).is_file()
    assert (tmp_path / "failures.csv").read_text().splitlines()[1] == "bad,bad.nii,the file is truncated; copy it again"
    assert run(["analyze", "a.nrrd", "bad.nii", "b.mha", "-o", str(tmp_path)]) == 1
    assert house.written == [tmp_path / "a", tmp_path / "b"]
    assert "2 studies done, 2 of them by an earlier run and not repeated" in capsys.readouterr().out
    assert run(["analyze", "a.nrrd", "b.mha", "--contrast", "t1", "-o", str(tmp_path)]) == 0
    assert len(house.written) == 4


def test_one_study_has_no_cohort(tmp_path: Path) -> None:
    run(["analyze", "a.nrrd", "-o", str(tmp_path)])
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(report.USUAL)


def test_what_an_earlier_run_wrote_below_the_input_is_no_input(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def find(inputs: list[Path], **_options: Any) -> list[Source]:
        paths = [tmp_path / "scan.nii", tmp_path / "out" / "segmentation.nii.gz", tmp_path / "segmentation.nii.gz"]
        load = house.find([Path("a")])[0].load
        return [Source(str(number), inputs[0], load, (Blob(path),)) for number, path in enumerate(paths)]

    monkeypatch.setattr(io, "find", find)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "result.json").touch()
    run(["analyze", str(tmp_path), "-o", str(tmp_path / "out")])
    assert house.written == [tmp_path / "out" / "0", tmp_path / "out" / "2"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--jobs", "0"], "--jobs 0: must be 1 or more"),
        (["--cluster", "none.toml"], "none.toml: cannot be read"),
        (["--jobs", "2", "--cluster", "none.toml"], "exclude each other"),
    ],
)
def test_an_engine_that_cannot_be_is_said_before_any_work(
    house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str], said: str
) -> None:
    assert run(["analyze", "a.nii", "-o", str(tmp_path), *options]) == 2
    assert house.asked == {}
    err = capsys.readouterr().err
    assert said in err
    assert err.count("\n") == 1


def test_a_bad_study_is_named_and_the_others_are_done(
    house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["analyze", "a.nrrd", "bad.nii", "c.nrrd", "-o", str(tmp_path)]) == 1
    assert house.written == [tmp_path / "a", tmp_path / "c"]
    assert capsys.readouterr().err == "lumbardisc: bad.nii: the file is truncated; copy it again\n"


def test_a_reason_that_names_the_input_is_not_given_twice(
    house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    house.raises = UnreadableError("bad.nii: is truncated")
    run(["analyze", "bad.nii", "-o", str(tmp_path)])
    assert capsys.readouterr().err == "lumbardisc: bad.nii: is truncated\n"


def test_a_study_within_an_input_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def find(inputs: list[Path], **_options: Any) -> list[Source]:
        return [Source(f"folder_{index}", inputs[0], _no_spine) for index in range(2)]

    def _no_spine() -> Scan:
        raise NoSpineError("no lumbar spine was found")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(io, "find", find)
        assert run(["analyze", "folder", "-o", str(tmp_path)]) == 2
    assert "folder (folder_1): no lumbar spine" in capsys.readouterr().err


def test_nothing_done_is_exit_code_2(house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    house.raises = SeriesError("every series is axial")
    assert run(["analyze", "bad1", "bad2", "-o", str(tmp_path)]) == 2
    assert house.written == []
    assert len(capsys.readouterr().err.splitlines()) == 2


def test_an_error_of_finding_is_one_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def find(*_inputs: Any, **_options: Any) -> list[Source]:
        raise UnreadableError("no/such/file does not exist")

    monkeypatch.setattr(io, "find", find)
    assert run(["analyze", "no/such/file", "-o", str(tmp_path)]) == 2
    assert capsys.readouterr().err == "lumbardisc: no/such/file does not exist\n"


def test_an_unexpected_error_asks_for_a_report(
    house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    house.raises = ZeroDivisionError("division\nby zero")
    assert run(["analyze", "bad.nii", "-o", str(tmp_path)]) == 2
    line = capsys.readouterr().err
    assert line.startswith("lumbardisc: bad.nii: unexpected ZeroDivisionError: division by zero; please report")
    assert line.count("\n") == 1


def test_debugging_shows_the_traceback(
    house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LUMBARDISC_DEBUG", "1")
    house.raises = ZeroDivisionError("division by zero")
    assert run(["analyze", "bad.nii", "-o", str(tmp_path)]) == 2
    assert "Traceback" in capsys.readouterr().err


def test_interrupted_is_one_line(house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    house.raises = KeyboardInterrupt()
    assert run(["analyze", "a.nii", "bad.nii", "c.nii", "-o", str(tmp_path)]) == 130
    assert house.written == [tmp_path / "a"]
    err = capsys.readouterr().err
    assert err.startswith("lumbardisc: interrupted")
    assert err.count("\n") == 1


def test_quiet_says_nothing_but_errors(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["analyze", "-q", "a.nii", "bad.nii", "-o", str(tmp_path)]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "bad.nii" in printed.err


def test_the_choice_of_the_series_is_said_with_its_reasons(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["analyze", "a.nii", "-o", str(tmp_path)])
    printed = capsys.readouterr().out
    assert "series 4 (t2 tse), 15 images: sagittal; the only one that fits" in printed
    assert "beside it: series 6 (t1 tse), 15 images" in printed
    assert "localizer" not in printed
    run(["analyze", "-v", "a.nii", "-o", str(tmp_path)])
    printed = capsys.readouterr().out
    assert "refused: series 1, 3 images: is a localizer" in printed
    assert "also fit: series 5 (t1), 15 images" in printed
    assert "echo_time_ms: 100.0" in printed
    assert "segmentation_s: 1.5" in printed


def test_markup_and_control_characters_stay_text(
    house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    house.raises = GeometryError("[red]singular[/] \x1b[31maffine")
    run(["analyze", "bad[1].nii", "-o", str(tmp_path)])
    assert capsys.readouterr().err == "lumbardisc: bad[1].nii: [red]singular[/] \ufffd[31maffine\n"


def test_a_bar_is_drawn_on_a_terminal_only(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run(["analyze", "a.nii", "-o", str(tmp_path)])
    assert "segmenting" not in capsys.readouterr().out
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    run(["analyze", "a[1].nii", "-o", str(tmp_path)])
    assert "a[1]: segmenting" in capsys.readouterr().out
    run(["analyze", "a[1].nii", "bad.nii", "-o", str(tmp_path)])
    printed = capsys.readouterr()
    assert "a[1]" in printed.out
    assert printed.err == "lumbardisc: bad.nii: the file is truncated; copy it again\n"


@pytest.mark.parametrize("out", ["file", "file/below"])
def test_a_file_is_no_folder_to_write_to(
    house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str], out: str
) -> None:
    (tmp_path / "file").touch()
    assert run(["analyze", "a.nii", "-o", str(tmp_path / out)]) == 2
    assert house.asked == {}, "nothing is read before OUT is known to be good"
    assert f"{tmp_path / 'file'} is a file" in capsys.readouterr().err


def test_an_unwritable_folder_is_said_before_any_work(
    house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_options: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.TemporaryFile", refuse)
    assert run(["analyze", "a.nii", "-o", str(tmp_path / "new")]) == 2
    assert house.asked == {}
    assert "Permission denied" in capsys.readouterr().err


def test_checking_leaves_nothing_behind(house: House, tmp_path: Path) -> None:
    house.raises = UnreadableError("truncated")
    run(["analyze", "bad.nii", "-o", str(tmp_path / "new")])
    assert list(tmp_path.iterdir()) == []


def test_options_reach_the_reader(house: House, tmp_path: Path) -> None:
    options = ["--series", "7", "--spacing", "4,0.6,.5", "--contrast", "stir", "--with", "b.png"]
    run(["analyze", "a.png", "-o", str(tmp_path), *options])
    expected = {"series": "7", "spacing": (4.0, 0.6, 0.5), "contrast": "stir", "companion": Path("b.png")}
    assert house.asked == expected


@pytest.mark.parametrize("spacing", ["4,0.6", "4,0.6,0.5,1", "a,b,c", ""])
def test_a_bad_spacing_is_a_usage_error(
    house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str], spacing: str
) -> None:
    assert run(["analyze", "a.png", "-o", str(tmp_path), "--spacing", spacing]) == 2
    assert house.asked == {}
    err = capsys.readouterr().err
    assert "--spacing" in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("contrast", CONTRASTS)
def test_every_contrast_can_be_asked_for(house: House, tmp_path: Path, contrast: str) -> None:
    assert run(["analyze", "a.png", "-o", str(tmp_path), "--contrast", contrast]) == 0
    assert house.asked["contrast"] == contrast


@pytest.mark.parametrize(
    ("options", "locate", "cross_check"),
    [
        ([], "segmentation", True),
        (["--locate", "detector"], "detector", True),
        (["--no-cross-check"], "segmentation", False),
    ],
)
def test_who_names_the_discs(house: House, tmp_path: Path, options: list[str], locate: str, cross_check: bool) -> None:
    assert run(["analyze", "scan.nii.gz", "-o", str(tmp_path / "out"), *options]) == 0
    assert (house.how["locate"], house.how["cross_check"]) == (locate, cross_check)


def test_a_prior_study_goes_with_the_one_study(house: House, tmp_path: Path) -> None:
    assert run(["analyze", "a.nrrd", "--prior", "earlier.nii", "-o", str(tmp_path)]) == 0
    assert house.prior.path == Path("earlier.nii")
    assert run(["analyze", "a.nrrd", "-o", str(tmp_path)]) == 0
    assert house.prior is None


def test_a_prior_study_beside_several_is_bad_usage(
    house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["analyze", "a.nrrd", "b.mha", "--prior", "earlier.nii", "-o", str(tmp_path / "out")]) == 2
    assert "--prior earlier.nii: goes with one study, not with 2; give them one by one" in capsys.readouterr().err
    assert house.written == []


def test_a_prior_study_that_cannot_be_read_stops_before_any_work(
    house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["analyze", "a.nrrd", "--prior", "bad.nii", "-o", str(tmp_path / "out")]) == 2
    assert "the file is truncated" in capsys.readouterr().err
    assert house.written == []
