"""Graders trained for real: on drawn crops, which they must learn, and whole, from images to an exported network."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

torch = pytest.importorskip("torch")

from lumbardisc.errors import UsageError  # noqa: E402
from lumbardisc.evaluation.grading import quadratic_kappa  # noqa: E402
from lumbardisc.inference.grading import THRESHOLDS, Grader  # noqa: E402
from lumbardisc.networks import grader as networks  # noqa: E402
from lumbardisc.training.config import GradingConfig  # noqa: E402
from lumbardisc.training.crop_augmentation import CropAugmentation  # noqa: E402
from lumbardisc.training.grade_batches import plain, varied  # noqa: E402
from lumbardisc.training.grade_calibration import out_of_fold  # noqa: E402
from lumbardisc.training.grade_crops import GradedCrops  # noqa: E402
from lumbardisc.training.grades import FINDINGS  # noqa: E402
from lumbardisc.training.grading import HEADS, finding_loss, fit, grade_loss, member, train  # noqa: E402
from lumbardisc.training.patients import deal_folds  # noqa: E402
from lumbardisc.volume import Volume  # noqa: E402

pytestmark = pytest.mark.train
SHAPE = (32, 48)
STILL = CropAugmentation(*[0.0] * 9)


def drawn_crops(count: int = 160) -> GradedCrops:
    """A disc that is the flatter and the darker the higher its grade, on noise; ten patients. Endplates are random."""
    rng = np.random.default_rng(0)
    grades = rng.integers(1, 6, count)
    crops = rng.normal(0.6, 0.05, (count, 48, 72))
    for crop, grade in zip(crops, grades, strict=True):
        half = 9 - grade
        crop[24 - half : 24 + half, 16:44] = 0.9 - 0.15 * grade
    findings = np.full((count, len(FINDINGS)), np.nan, dtype=np.float32)
    findings[:, FINDINGS.index("narrowing")] = grades > 3
    names = np.array([str(place % 10) for place in range(count)])
    cases = np.array([f"{name}_t2" for name in names])
    contrast = np.full(count, "t2")
    return GradedCrops(crops.astype(np.float16), names, cases, contrast, np.arange(count), grades, findings)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> GradingConfig:
    out = tmp_path_factory.mktemp("run")
    return GradingConfig(
        data={}, out=out, shape=SHAPE, widths=(8, 12, 16, 24), epochs=12, batch=16, folds=2, dropout=0.0, average=0.5
    )


def test_a_grader_learns_and_is_judged_on_others(settings: GradingConfig) -> None:
    crops = drawn_crops()
    folds = deal_folds(crops.patient, 2, seed=0)
    members, losses = [], []
    for fold in range(2):
        torch.manual_seed(fold)
        network = networks.Grader(HEADS, settings.widths, settings.dropout)
        trained = fit(network, settings, crops.only(folds != fold), lambda _epoch, loss: losses.append(loss))
        members.append((fold, trained.eval()))
    scores = out_of_fold(members, crops, folds, SHAPE)
    taken = (scores[:, :THRESHOLDS] > 0).sum(axis=1) + 1
    assert len(losses) == 2 * settings.epochs
    assert losses[11] < 0.6 * losses[0]
    assert quadratic_kappa(crops.grade, taken) > 0.8
    narrowing = scores[:, THRESHOLDS + FINDINGS.index("narrowing")]
    assert narrowing[crops.grade > 3].mean() > narrowing[crops.grade <= 3].mean() + 1.0


def test_a_network_that_saw_others_is_refused(settings: GradingConfig, tmp_path: Path) -> None:
    short, crops = settings.model_copy(update={"out": tmp_path, "epochs": 1}), drawn_crops(40)

    def trained(settings: GradingConfig, crops: GradedCrops) -> None:
        member(settings, crops, deal_folds(crops.patient, 2, seed=0), 0, 0, lambda _text, _done: None)

    trained(short, crops)
    stamp = (tmp_path / "fold_0_0.pt").stat().st_mtime_ns
    trained(short.model_copy(update={"seeds": 2}), crops)
    assert (tmp_path / "fold_0_0.pt").stat().st_mtime_ns == stamp, "a second network beside it changes nothing"
    fewer = crops.only(crops.patient != "0")
    for changed, discs in ((short, fewer), (short.model_copy(update={"dropout": 0.1}), crops)):
        with pytest.raises(UsageError, match=r"fold_0_0\.pt: was made with other settings or data"):
            trained(changed, discs)


def test_losses_by_hand() -> None:
    scores = torch.zeros(2, HEADS)
    assert float(grade_loss(scores, torch.tensor([1, 5]))) == pytest.approx(np.log(2))
    sure = torch.zeros(1, HEADS)
    sure[0, :THRESHOLDS] = torch.tensor([20.0, 20.0, -20.0, -20.0])
    assert float(grade_loss(sure, torch.tensor([3]))) == pytest.approx(0.0, abs=1e-6)
    assert float(grade_loss(sure, torch.tensor([4]))) == pytest.approx(5.0, abs=1e-3), "one threshold of four is wrong"
    unknown = torch.full((2, len(FINDINGS)), torch.nan)
    assert float(finding_loss(scores, unknown)) == 0.0
    unknown[0, 0] = 1.0
    assert float(finding_loss(scores, unknown)) == pytest.approx(np.log(2))


def test_patients_stay_together_in_folds() -> None:
    patients = np.repeat([f"p{number}" for number in range(23)], 5)
    folds = deal_folds(patients, 5, seed=3)
    of_patient = [set(folds[patients == name]) for name in np.unique(patients)]
    assert all(len(fold) == 1 for fold in of_patient)
    sizes = np.bincount([fold.pop() for fold in of_patient])
    assert sizes.max() - sizes.min() <= 1
    with pytest.raises(UsageError, match="only 3 patients"):
        deal_folds(np.array(["a", "b", "c"]), 5, seed=0)


def test_without_variation_a_batch_is_the_middle_of_its_crops() -> None:
    torch.manual_seed(0)
    crops = torch.rand(3, 48, 72)
    middle = plain(crops, SHAPE)
    # rows: the middle of 48 is that of 32; columns: 0.42 of 72 is 10.08 pixels right of 0.42 of 48
    assert torch.allclose(middle[:, 0, :, 5], 0.92 * crops[:, 8:40, 15] + 0.08 * crops[:, 8:40, 16], atol=1e-4)
    still, mirrored = varied(crops, SHAPE, STILL)
    assert not mirrored.any()
    assert torch.allclose(still, middle + 1e-3, atol=1e-4)


def test_mirrored_crops_are_upside_down_and_told() -> None:
    crops = torch.rand(4, 48, 72)
    turned, mirrored = varied(crops, SHAPE, CropAugmentation(*[0.0] * 4, mirror=1.0, gamma=0, slope=0, noise=0, blur=0))
    assert mirrored.all()
    assert torch.allclose(turned, plain(crops, SHAPE).flip(2) + 1e-3, atol=1e-4)


@pytest.fixture(scope="module")
def graded_folder(spine: Volume, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The drawn spine as the images of four patients, brighter and darker, in the layout of a user's own grades."""
    folder = tmp_path_factory.mktemp("graded")
    middle = spine.sagittal().array[2].astype(float)
    rows, images = ["patient,disc,pfirrmann,narrowing"], ["patient,image,contrast,slice_mm,row_mm,column_mm"]
    for number in range(4):
        grey = 255 * (middle / middle.max()) ** (0.7 + 0.2 * number)
        Image.fromarray(grey.astype(np.uint8)).save(folder / f"{number}.png")
        images.append(f"{number},{number}.png,t2,4,{270 / 256},{270 / 256}")
        rows += [f"{number},{disc},{(number + disc) % 5 + 1},{number % 2}" for disc in range(1, 6)]
    (folder / "grades.csv").write_text("\n".join(rows))
    (folder / "images.csv").write_text("\n".join(images))
    return folder


def test_from_images_to_an_exported_grader(graded_folder: Path, tmp_path: Path) -> None:
    config = tmp_path / "grading.toml"
    settings = {"out": "run", "epochs": 1, "folds": 2, "batch": 4, "shape": [32, 48], "widths": [4, 6, 8, 8]}
    lines = [f"{name} = {value!r}" for name, value in settings.items()]
    config.write_text("\n".join([*lines, "[data]", f"table = {str(graded_folder)!r}"]))
    told: list[str] = []
    out = train(config, progress=lambda text, _done: told.append(text))
    grader = Grader(out / "grading.onnx")
    found = grader({2: [np.random.default_rng(0).random(grader.shape).astype(np.float32)]}, "t2")
    assert sum(found[2].probabilities) == pytest.approx(1.0)
    with (out / "folds.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert {row["patient"] for row in rows} == {"0", "1", "2", "3"}
    assert sum(row["found"] == "1" for row in rows) >= 16, "nearly all discs of four drawn spines"
    assert any("finding discs" in text for text in told)

    told.clear()
    stamp = (out / "fold_0_0.pt").stat().st_mtime_ns
    (out / "fold_1_0.pt").unlink()
    train(config, progress=lambda text, _done: told.append(text))
    assert (out / "fold_0_0.pt").stat().st_mtime_ns == stamp, "what is done is not done again"
    assert not any("finding discs" in text for text in told)
    assert any("fold 2 of 2" in text for text in told)

    picture = graded_folder / "0.png"
    Image.fromarray(255 - np.asarray(Image.open(picture)) // 2).save(picture)
    with pytest.raises(UsageError, match=r"fold_\d_0\.pt: was made with other settings or data"):
        train(config)
    train(config, resume=False)


def test_an_unknown_kind_of_data_is_one_line(tmp_path: Path) -> None:
    config = tmp_path / "grading.toml"
    config.write_text("out = 'run'\n[data]\nnonsense = 'nowhere'")
    with pytest.raises(UsageError, match=r"data\.nonsense: unknown kind of data set; known are"):
        train(config)
