"""The estimator of T1rho trained for real: on drawn discs, which it must learn, and whole, from phantoms to weights."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from lumbardisc.errors import UsageError  # noqa: E402
from lumbardisc.inference.t1rho import PLANES, T1rhoEstimator  # noqa: E402
from lumbardisc.networks.t1rho import T1rhoNetwork  # noqa: E402
from lumbardisc.quantify.t1rho import PHASE_LIMITS_MS  # noqa: E402
from lumbardisc.training.config import T1rhoConfig  # noqa: E402
from lumbardisc.training.crop_augmentation import CropAugmentation  # noqa: E402
from lumbardisc.training.patients import deal_folds  # noqa: E402
from lumbardisc.training.t1rho.answers import CENTRE_MS, UNIT_MS, Answers, calibrate, judged, out_of_fold  # noqa: E402
from lumbardisc.training.t1rho.batches import plain_planes, there, varied_planes  # noqa: E402
from lumbardisc.training.t1rho.crops import T1rhoCrops  # noqa: E402
from lumbardisc.training.t1rho.loop import OUTPUTS, fit, member, t1rho_loss, train  # noqa: E402

pytestmark = pytest.mark.train
SHAPE = (16, 24)
STILL = CropAugmentation(*[0.0] * 9)


def drawn_discs(count: int = 120, seed: int = 0) -> T1rhoCrops:
    """A disc between bodies that is the brighter on T2 the longer its T1rho; T1 tells nothing. Twelve patients."""
    rng = np.random.default_rng(seed)
    mean = rng.uniform(50, 150, count)
    planes = np.zeros((count, len(PLANES), 24, 36))
    planes[:, :2] = 0.5 + rng.normal(0, 0.03, (count, 2, 24, 36))
    planes[:, 1, 8:16, 6:24] = mean[:, None, None] / 150.0
    planes[:, 2:, 9:15, 9:21] = 1.0
    values = np.column_stack([mean, 0.8 * mean, 1.3 * mean])
    names = np.array([f"p{row % 12}" for row in range(count)])
    grade, drawn = np.zeros(count, dtype=np.int64), np.ones(count, dtype=bool)
    return T1rhoCrops(planes.astype(np.float16), names, np.arange(count) % 5 + 1, values, grade, drawn)


def test_it_learns_from_t2_and_is_unsure_without() -> None:
    crops = drawn_discs()
    folds = (np.arange(len(crops)) % 12 >= 6).astype(np.int64)
    settings = T1rhoConfig(out=Path(), shape=SHAPE, epochs=20, batch=12, average=0.8, withhold=0.4, augmentation=STILL)
    torch.manual_seed(0)
    losses: list[float] = []
    seen = crops.only(folds == 1)
    network = fit(T1rhoNetwork(OUTPUTS, len(PLANES)), settings, seen, lambda _epoch, loss: losses.append(loss)).eval()
    answers = out_of_fold([(0, network)], crops.only(folds == 0), np.zeros(60, dtype=np.int64), SHAPE, len(PLANES))
    card, found = calibrate(answers)
    assert losses[-1] < losses[0] - 0.5
    assert found["normal"]["t1+t2"]["correlation"] > 0.7
    assert found["normal"]["t2"]["mean_absolute_error_ms"] < 0.7 * found["normal"]["t1"]["mean_absolute_error_ms"]
    spreads = {
        group: np.exp(0.5 * own.outputs[:, -1]).mean() * card["groups"][group]["sd_scale"]
        for group, own in answers.items()
    }
    assert spreads["t1"] > 1.3 * spreads["t2"], "it knows what it cannot see"


def test_loss_by_hand() -> None:
    outputs, values = torch.zeros(1, OUTPUTS), torch.tensor([[2.0, 0.0, 0.0]])
    assert float(t1rho_loss(outputs, values)) == pytest.approx(0.5 * 4.0), "variance 1"
    outputs[0, -1] = np.log(4.0)
    assert float(t1rho_loss(outputs, values)) == pytest.approx(0.5 * (np.log(4.0) + 1.0)), "the best variance"
    values[0] = torch.tensor([0.0, 0.0, 3.0])
    outputs.zero_()
    assert float(t1rho_loss(outputs, values)) == pytest.approx(0.3 * (3.0 - 0.5) / 2), "not squared far out"


def test_withheld_images_leave_with_their_masks() -> None:
    torch.manual_seed(0)
    planes = torch.from_numpy(drawn_discs(200).planes).float()
    shown = varied_planes(planes, SHAPE, STILL, withhold=0.5)
    images, masks = there(shown), (shown[:, 2:].amax(dim=(2, 3)) > 0).float()
    assert torch.equal(images, masks)
    assert 0.4 < float((images.sum(dim=1) == 1).float().mean()) < 0.6
    assert images.any(dim=1).all(), "never both"
    assert 0.15 < float((images[:, 0] == 0).float().mean()) < 0.35
    planes[:, 1], planes[:, 3] = 0, 0
    alone = varied_planes(planes, SHAPE, STILL, withhold=1.0)
    assert torch.equal(there(alone), torch.tensor([[1.0, 0.0]]).expand(200, 2)), "the only one is never withheld"


def test_without_variation_a_batch_is_what_is_shown_in_use() -> None:
    planes = torch.from_numpy(drawn_discs(4).planes).float()
    still = varied_planes(planes, SHAPE, STILL, withhold=0.0)
    assert torch.allclose(still, plain_planes(planes, SHAPE), atol=2e-3)


def test_an_image_that_is_not_there_does_not_matter_but_its_absence_does() -> None:
    torch.manual_seed(1)
    network = T1rhoNetwork(OUTPUTS, len(PLANES)).eval()
    planes = plain_planes(torch.from_numpy(drawn_discs(2).planes).float(), SHAPE)
    brighter = planes.clone()
    brighter[:, :2] = 7.0 * brighter[:, :2] + 3.0
    with torch.no_grad():
        assert torch.allclose(network(planes), network(brighter), atol=1e-2), "gain and offset do not matter"
        constant = planes.clone()
        constant[:, 0], gone = 0.5, planes.clone()
        gone[:, 0] = 0.0
        assert not torch.allclose(network(constant), network(gone), atol=1e-6), "a blank image is not a missing one"


def test_uncertainty_is_widened_to_the_errors() -> None:
    """Errors of 20 ms where the network said 10: the scale is 2, and 90 % of the truths are inside again."""
    rng = np.random.default_rng(0)
    mean = rng.uniform(50, 150, 600)
    answered = mean + rng.normal(0, 20, 600)
    outputs = np.column_stack(
        [*((answered - CENTRE_MS) / UNIT_MS for _ in range(3)), np.full(600, 2 * np.log(10 / UNIT_MS))]
    )
    own = Answers(
        outputs, np.column_stack([mean] * 3), np.arange(600).astype(str), np.ones(600, int), np.arange(600) % 5
    )
    card, found = calibrate({"t2": own})
    assert card["groups"]["t2"]["sd_scale"] == pytest.approx(2.0, rel=0.08)
    assert found["normal"]["t2"]["within_90_percent"] == pytest.approx(0.9, abs=0.04)
    likelier = min(("normal", "svm"), key=lambda way: found[way]["t2"]["surprise"])
    assert found["phases_by"] == likelier
    assert ("svm" in card["groups"]["t2"]) == (likelier == "svm")
    sure = np.eye(3)[own.phase - 1]
    assert judged(own, card, "t2", sure)["accuracy"] == judged(own, card, "t2", sure)["auc"] == 1.0


def test_too_few_discs_of_a_phase_leave_the_normal_distribution() -> None:
    outputs = np.zeros((10, OUTPUTS))
    own = Answers(outputs, np.full((10, 3), 90.0), np.arange(10).astype(str), np.ones(10, int), np.arange(10) % 2)
    card, found = calibrate({"t1": own})
    assert found["phases_by"] == "normal"
    assert "svm" not in card["groups"]["t1"]
    assert "NaN" not in json.dumps([card, found]), "what is undefined is left out"


def test_a_network_that_saw_others_is_refused(tmp_path: Path) -> None:
    """With more exams the folds are dealt anew: the network of a fold knows patients that are now held out."""
    settings, crops = T1rhoConfig(out=tmp_path, shape=SHAPE, epochs=1, batch=20, folds=2), drawn_discs(60)

    def trained(settings: T1rhoConfig, crops: T1rhoCrops) -> None:
        member(settings, crops, deal_folds(crops.patient, 2, seed=0), 0, lambda _text, _done: None)

    trained(settings, crops)
    stamp = (tmp_path / "fold_0.pt").stat().st_mtime_ns
    trained(settings.model_copy(update={"data": {"table": tmp_path}}), crops)
    assert (tmp_path / "fold_0.pt").stat().st_mtime_ns == stamp, "the same discs, wherever they lie"
    fewer = crops.only(crops.patient != "p0")
    for changed, discs in ((settings, fewer), (settings.model_copy(update={"epochs": 2}), crops)):
        with pytest.raises(UsageError, match=r"fold_0\.pt: was made with other settings or data"):
            trained(changed, discs)


def test_from_phantoms_to_exported_weights(tmp_path: Path) -> None:
    config = tmp_path / "t1rho.toml"
    config.write_text("out = 'run'\nphantoms = 4\nfolds = 2\nepochs = 1\nbatch = 4\nshape = [32, 48]")
    told: list[str] = []
    out = train(config, progress=lambda text, _done: told.append(text))
    card = json.loads((out / "t1rho.json").read_text())
    assert card["phantom_trained"]
    assert card["phase_limits_ms"] == list(PHASE_LIMITS_MS)
    assert set(card["groups"]) == {"t1", "t2", "t1+t2"}
    with (out / "folds.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert {row["patient"] for row in rows} == {f"phantom {seed}" for seed in range(4)}
    assert all(sum(float(row[f"phase_p{phase}"]) for phase in (1, 2, 3)) == pytest.approx(1, abs=1e-3) for row in rows)
    estimator = T1rhoEstimator(out / "t1rho.onnx")
    seen = np.random.default_rng(0).random((len(PLANES), 32, 48)).astype(np.float32)
    found = estimator({1: seen})[1]
    assert found.min_ms <= found.mean_ms <= found.max_ms
    assert found.mean_sd_ms > 0

    told.clear()
    stamp = (out / "fold_0.pt").stat().st_mtime_ns
    (out / "fold_1.pt").unlink()
    train(config, progress=lambda text, _done: told.append(text))
    assert (out / "fold_0.pt").stat().st_mtime_ns == stamp, "what is done is not done again"
    assert not any("finding discs" in text for text in told)
    assert any("fold 2 of 2" in text for text in told)


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("[data]\nnonsense = 'nowhere'", r"data\.nonsense: unknown kind of exams; known are table, fitted"),
        ("", "there is nothing to learn from"),
        ("phantoms = 5\nfirst_phantom = 900050", "kept for the test"),
    ],
)
def test_bad_settings_are_one_line(tmp_path: Path, lines: str, told: str) -> None:
    config = tmp_path / "t1rho.toml"
    config.write_text(f"out = 'run'\n{lines}")
    with pytest.raises(UsageError, match=told):
        train(config)
    assert not (tmp_path / "run").exists(), "nothing was begun"
