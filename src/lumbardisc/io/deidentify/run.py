"""De-identifies what a user names: files, folders and zips in, a new folder of images that say no name out."""

from __future__ import annotations

import secrets
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from lumbardisc.errors import InputError, OutputError, UnreadableError, UsageError
from lumbardisc.io.blobs import Blob, Reader, gather, is_zip
from lumbardisc.io.decoding import Decoder
from lumbardisc.io.deidentify import doubts, header, lettering
from lumbardisc.io.deidentify.account import Account
from lumbardisc.io.deidentify.actions import Cleaning
from lumbardisc.io.deidentify.options import chosen
from lumbardisc.io.deidentify.profile import Profile
from lumbardisc.io.deidentify.secret import Secret, new_secret, secret_of, write_privately
from lumbardisc.io.dicom_header import looks_like_dicom
from lumbardisc.io.dicom_values import quietly
from lumbardisc.io.patient import Patient, people

if TYPE_CHECKING:
    from pydicom import Dataset

DICOM_SUFFIXES = (".dcm", ".ima", ".dicom")
"""Files that bear them and are no DICOM are damaged, and not merely something else."""

Advance = Callable[[str, float], None]


@dataclass
class Run:
    """One run: where it writes, how it cleans, and the account of it. seen: instances that were written."""

    folder: Path
    profile: Profile
    secret: Secret
    keep_doubtful: bool
    account: Account
    decoder: Decoder
    seen: set[str] = field(default_factory=set)
    numbers: Counter[str] = field(default_factory=Counter)
    people: dict[str, set[Patient]] = field(default_factory=dict)

    def take(self, blob: Blob, data: bytes) -> None:
        """Write one file cleaned, or say why not. Raises UnreadableError where it is damaged."""
        if blob.member and is_zip(blob.name):
            raise UnreadableError("is a zip in a zip, which is not opened; unpack it and pass the folder")
        if not looks_like_dicom(data[:132]):
            if blob.name.lower().endswith(DICOM_SUFFIXES):
                raise UnreadableError("is no DICOM file, or a damaged one; copy or export it again")
            self._leave(blob, "no DICOM file")
            return
        dataset = header.read(data)
        if reason := doubts.refusal(dataset):
            self._leave(blob, reason)
        elif (uid := str(dataset.SOPInstanceUID)) in self.seen:
            self._leave(blob, "a second copy of an image")
        elif (reason := self._doubt(dataset, data)) and not self.keep_doubtful:
            self._leave(blob, reason)
        else:
            self._write(dataset)
            self.seen.add(uid)
            self.account.doubtful.update([reason] if reason else [])

    def _doubt(self, dataset: Dataset, data: bytes) -> str:
        return doubts.doubt(dataset) or lettering.doubt(dataset, data, self.decoder)

    def _leave(self, blob: Blob, reason: str) -> None:
        self.account.left_out.append((blob, reason))

    def _write(self, dataset: Dataset) -> None:
        """The new file, counted once it is there."""
        patient, person = patient_of(dataset), _person(dataset)
        pseudonym, days = self.secret.pseudonym(patient), self.secret.days(patient)
        study, series = (self.secret.folder(str(dataset[f"{one}InstanceUID"].value)) for one in ("Study", "Series"))
        loose, names = header.is_loose(dataset), header.names_in(dataset)
        how = Cleaning(self.profile, self.secret, pseudonym, days, loose, names)
        header.clean(dataset, how)
        place = f"{pseudonym}/{study}/{series}"
        path = self.folder / place / f"{self.numbers[place] + 1:04d}.dcm"
        whole = BytesIO()  # what cannot be encoded leaves no half of a file
        dataset.save_as(whole, enforce_file_format=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(whole.getvalue())
        self.numbers[place] += 1
        self._count(how, patient, study, series)
        self._compare(pseudonym, person)

    def _count(self, how: Cleaning, patient: str, study: str, series: str) -> None:
        self.account.objects += 1
        self.account.attributes.update(how.done)
        self.account.patients[how.pseudonym] = patient
        self.account.studies.add(study)
        self.account.series.add(series)

    def _compare(self, pseudonym: str, person: Patient) -> None:
        """Warn where one number seems to stand for two people."""
        warning = f"{pseudonym}: its images tell several names, dates of birth or issuers of the number of the patient"
        known = self.people.setdefault(pseudonym, set())
        known.add(person)
        if any(people(known).values()) and warning not in self.account.warnings:
            self.account.warnings.append(warning)


def deidentify(
    inputs: Sequence[Path],
    out: Path,
    *,
    keep: Iterable[str] = (),
    keep_doubtful: bool = False,
    key: Path | None = None,
    link: Path | None = None,
    advance: Advance = lambda _text, _done: None,
) -> Account:
    """Write the DICOM images among ``inputs`` de-identified to ``out/<pseudonym>/<study>/<series>/<number>.dcm``.

    The Basic Application Level Confidentiality Profile of DICOM PS3.15 Annex E, with the options ``keep`` (see
    ``OPTIONS``). What neither the profile nor our list of safe attributes names is removed. Pixels stay as they are, so
    images that may bear text are left out unless ``keep_doubtful``. ``out`` gets the account as CSV and JSON too; it
    appears whole in one step, and not at all where no image could be written.

    key: file of the secret that new UIDs, pseudonyms and shifts of dates follow from, made where it is missing; without
    one they are of this run alone. link: file for the table of pseudonyms and patients. advance: told a text and the
    part that is done. Raises UsageError or OutputError before anything is read, OutputError where writing fails.
    """
    options = chosen(keep)
    place = _new_place(out, inputs, [path for path in (key, link) if path is not None])
    if link is not None and link.exists():
        raise UsageError(f"--link {link}: is there already, and who is who must not be lost; name a new file")
    account = Account(options)
    secret = new_secret() if key is None else secret_of(key)
    hidden = place.parent / f".lumbardisc-{secrets.token_hex(6)}"
    try:
        hidden.mkdir(parents=True)
        with Decoder() as decoder:
            run = Run(hidden, Profile(options), secret, keep_doubtful, account, decoder)
            _take_all(run, inputs, advance)
        if account.objects:
            _finish(run, place, link)
    except OSError as error:
        raise OutputError(f"{out}: cannot be written ({error.strerror}); free some space or name another") from error
    finally:
        shutil.rmtree(hidden, ignore_errors=True)
    return account


def _person(dataset: Dataset) -> Patient:
    """What a header says beside the number, that whoever shares it must share."""
    told = (str(dataset.get(one) or "") for one in ("IssuerOfPatientID", "PatientBirthDate", "PatientName"))
    return Patient.of(*told)


def patient_of(dataset: Dataset) -> str:
    """Whose image it is: by number, else by name and date of birth, else by the study."""
    number = str(dataset.get("PatientID") or "").strip()
    person = [str(dataset.get(keyword) or "").strip() for keyword in ("PatientName", "PatientBirthDate")]
    return number or " ".join(filter(None, person)) or f"study {dataset.StudyInstanceUID}"


def _new_place(out: Path, inputs: Sequence[Path], private: Sequence[Path]) -> Path:
    """Where the new folder goes. Raises where something is there, or where inputs and secrets would mix with it."""
    place = out.resolve()
    if place.exists() and (not place.is_dir() or any(place.iterdir())):
        raise OutputError(
            f"{out}: is there already; name a new or an empty folder with -o, as nothing is mixed into it"
        )
    for path in private:
        if place in (path.resolve(), *path.resolve().parents):
            raise UsageError(f"{path}: lies in the folder that is to be given away; keep it elsewhere")
    if len(private) > len({path.resolve() for path in private}):
        raise UsageError(f"{private[0]}: --key and --link are two files; name another for one of them")
    for path in inputs:
        if path.is_dir() and path.resolve() in (place, *place.parents):
            raise UsageError(f"{out}: lies within the input {path}; name a folder outside of it with -o")
    return place


def _take_all(run: Run, inputs: Sequence[Path], advance: Advance) -> None:
    """Every file below the inputs, each by itself: what fails with one stops no other."""
    blobs: list[Blob] = []
    for path in inputs:
        try:
            blobs += gather(path)
        except InputError as error:
            run.account.failures.append(str(error))
    with Reader() as reader, quietly():
        for index, blob in enumerate(dict.fromkeys(blobs)):
            advance(f"{run.account.objects} images", index / len(blobs))
            _take(run, blob, reader)


def _take(run: Run, blob: Blob, reader: Reader) -> None:
    try:
        data = reader.read(blob)
    except UnreadableError as error:
        run.account.failures.append(str(error))
        return
    try:
        run.take(blob, data)
    except UnreadableError as error:
        run.account.failures.append(f"{blob}: {error}")
    except OSError:
        raise
    except Exception as error:  # pydicom raises many types for what cannot be written again
        reason = f"{blob}: cannot be written again ({type(error).__name__}), its values are not what DICOM allows"
        run.account.failures.append(f"{reason}; export it again")


def _finish(run: Run, place: Path, link: Path | None) -> None:
    """The account beside the images, the table of links, and all into place."""
    (run.folder / "deidentified.csv").write_text(run.account.csv(), encoding="utf-8", newline="\n")
    (run.folder / "deidentified.json").write_text(run.account.json(), encoding="utf-8", newline="\n")
    if link is not None:
        _write_links(run, link)
    if place.exists():
        place.rmdir()
    run.folder.rename(place)


def _write_links(run: Run, link: Path) -> None:
    """Who is behind each pseudonym, for the user alone."""
    patients = run.account.patients.items()
    days = {name: run.secret.days(patient) for name, patient in patients if run.profile.shifts_dates}
    try:
        write_privately(link, run.account.links(days))
    except OSError as error:
        raise OutputError(f"--link {link}: cannot be written ({error.strerror}); name another file") from error
