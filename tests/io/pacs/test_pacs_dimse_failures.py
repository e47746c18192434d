"""DIMSE that fails: what is said, and what is tried again. The other end is pynetdicom's, told to misbehave."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from orthanc_server import free_port
from pacs_files import make_series, study_of
from pydicom import Dataset, dcmread
from pydicom.uid import MRImageStorage
from pynetdicom import AE, evt
from pynetdicom.events import Event

from lumbardisc.errors import PacsError
from lumbardisc.io.pacs import Pacs, association, dimse, fetch, find_studies, limits, open_pacs, parse_query, retry

ASKED = parse_query("1.2.3")
OUT_OF_RESOURCES, NOT_UNDERSTOOD, NO_DESTINATION, CHANGED = 0xA700, 0xC001, 0xA801, 0xB000


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "WAIT_S", 0.01)


@contextmanager
def archive(
    *handlers: tuple[Any, Callable[[Event], Any]], services: tuple[str, ...] = (dimse.FIND,), title: str = "ARCHIVE"
) -> Iterator[str]:
    """The address of an application entity that insists on its name."""
    entity = AE(title)
    for service in (*services, MRImageStorage):
        entity.add_supported_context(service, scu_role=True, scp_role=True)
    entity.require_called_aet = True
    port = free_port()
    entity.start_server(("127.0.0.1", port), block=False, evt_handlers=list(handlers))
    try:
        yield f"dicom://127.0.0.1:{port}/ARCHIVE"
    finally:
        entity.shutdown()


def opened(address: str, **environment: str) -> Pacs:
    return open_pacs(address, {f"LUMBARDISC_PACS_{name}": value for name, value in environment.items()})


def answers(*told: Dataset | int) -> Callable[[Event], Iterator[tuple[int, Dataset | None]]]:
    """A handler of C-FIND that answers these data sets or statuses, and counts the questions."""

    def handle(event: Event) -> Iterator[tuple[int, Dataset | None]]:
        del event
        handle.asked += 1  # type: ignore[attr-defined]
        for one in told:
            yield (one, None) if isinstance(one, int) else (0xFF00, one)

    handle.asked = 0  # type: ignore[attr-defined]
    return handle


def test_another_name_than_its_own_is_told() -> None:
    with archive(title="OTHER") as address, pytest.raises(PacsError, match="is not called ARCHIVE"):
        find_studies(opened(address), ASKED)


def test_a_caller_who_is_not_known_is_told_its_name() -> None:
    entity, port = AE("ARCHIVE"), free_port()
    entity.add_supported_context(dimse.FIND)
    entity.require_calling_aet = ["SOMEBODY"]
    entity.start_server(("127.0.0.1", port), block=False)
    with pytest.raises(PacsError, match="does not know our AE title ME"):
        find_studies(opened(f"dicom://127.0.0.1:{port}/ARCHIVE", AET="ME"), ASKED)
    entity.shutdown()


def test_too_many_associations_are_waited_for() -> None:
    entity, port = AE("ARCHIVE"), free_port()
    entity.add_supported_context(dimse.FIND)
    entity.maximum_associations = 1
    entity.start_server(("127.0.0.1", port), block=False)
    other = AE()
    other.add_requested_context(dimse.FIND)
    link = other.associate("127.0.0.1", port)
    with pytest.raises(PacsError, match=r"Local limit exceeded.*tried 3 times"):
        find_studies(opened(f"dicom://127.0.0.1:{port}/ARCHIVE"), ASKED)
    link.release()
    entity.shutdown()


def test_services_that_it_does_not_have_are_told(tmp_path: Path) -> None:
    (path,) = make_series(tmp_path / "sent", "key", slices=1).iterdir()
    dataset = dcmread(path)
    dataset.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.66.4"
    dataset.save_as(tmp_path / "segmentation.dcm")
    with archive((evt.EVT_C_STORE, lambda _: 0), services=("1.2.840.10008.1.1",)) as address:
        with pytest.raises(PacsError, match="offers none of the services"):
            find_studies(opened(address), ASKED)
        with pytest.raises(PacsError, match=r"does not take segmentation.dcm \(Segmentation Storage\)"):
            opened(address).send([path, tmp_path / "segmentation.dcm"])


def test_nobody_at_the_port_is_told() -> None:
    with pytest.raises(PacsError, match=r"nobody listens at this port.*tried 3 times"):
        find_studies(opened(f"dicom://127.0.0.1:{free_port()}/ARCHIVE"), ASKED)


def test_a_name_that_nobody_has_is_told() -> None:
    with pytest.raises(PacsError, match="no machine of this name"):
        find_studies(opened("dicom://pacs.invalid:104/ARCHIVE"), ASKED)


@contextmanager
def listener(behave: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server that knows nothing of DICOM."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    behave(connection)

        thread = Thread(target=serve, daemon=True)
        thread.start()
        yield f"dicom://127.0.0.1:{server.getsockname()[1]}/ARCHIVE"
        server.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def test_a_server_that_is_silent_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(association, "CONNECT_S", 0.3)
    with listener(lambda _: time.sleep(0.5)) as address, pytest.raises(PacsError, match="does not answer in time"):
        find_studies(opened(address), ASKED)


def test_a_server_of_another_protocol_is_told() -> None:
    with (
        listener(lambda one: one.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as address,
        pytest.raises(PacsError, match=r"speaks DIMSE there without TLS.*tried 3 times"),
    ):
        find_studies(opened(address), ASKED)


def test_an_archive_that_falls_silent_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(association, "ANSWER_S", 0.3)
    monkeypatch.setattr(dimse, "ANSWER_S", 0.3)

    def sleep(_event: Event) -> Iterator[tuple[int, None]]:
        time.sleep(0.6)
        yield 0x0000, None

    with archive((evt.EVT_C_FIND, sleep)) as address, pytest.raises(PacsError, match="does not answer in time"):
        find_studies(opened(address), ASKED)


def test_a_refused_query_is_told_at_once() -> None:
    handle = answers(NOT_UNDERSTOOD)
    with archive((evt.EVT_C_FIND, handle)) as address, pytest.raises(PacsError, match=r"refused the query.*C001H"):
        find_studies(opened(address), ASKED)
    assert handle.asked == 1  # type: ignore[attr-defined]


def test_an_archive_out_of_resources_is_asked_again() -> None:
    handle = answers(OUT_OF_RESOURCES)
    with archive((evt.EVT_C_FIND, handle)) as address, pytest.raises(PacsError, match=r"resources.*tried 3 times"):
        find_studies(opened(address), ASKED)
    assert handle.asked == 3  # type: ignore[attr-defined]


def test_an_association_that_is_aborted_is_made_again() -> None:
    tries: list[int] = []

    def handle(event: Event) -> Iterator[tuple[int, Dataset | None]]:
        tries.append(1)
        if len(tries) < 3:
            event.assoc.abort()
        yield 0xFF00, answer(StudyInstanceUID="1.2.3")

    with archive((evt.EVT_C_FIND, handle)) as address:
        (match,) = find_studies(opened(address), ASKED)
    assert (match.uid, len(tries)) == ("1.2.3", 3)


def answer(**values: Any) -> Dataset:
    dataset = Dataset()
    for keyword, value in values.items():
        setattr(dataset, keyword, value)
    return dataset


def test_more_studies_than_can_be_meant_are_refused() -> None:
    many = answers(*(answer(StudyInstanceUID=f"1.2.{number}") for number in range(80)))
    with archive((evt.EVT_C_FIND, many)) as address, pytest.raises(PacsError, match="more than 50 studies"):
        find_studies(opened(address), parse_query("StudyDate=20240101"))


def a_series(folder: Path, images: int | None) -> Dataset:
    """What C-FIND tells of the series in a folder."""
    uid = dcmread(next(folder.iterdir())).SeriesInstanceUID
    told = answer(SeriesInstanceUID=uid, Modality="MR", SeriesNumber=3)
    if images is not None:
        told.NumberOfSeriesRelatedInstances = images
    return told


def sending(folder: Path, failing: int = 0) -> Callable[[Event], Iterator[Any]]:
    """A handler of C-GET that sends the images of a folder but the last ones."""

    def handle(_event: Event) -> Iterator[Any]:
        files = sorted(folder.iterdir())
        yield len(files)
        for path in files[: len(files) - failing]:
            yield 0xFF00, dcmread(path)
        for _ in range(failing):
            yield 0xFF00, Dataset()  # which cannot be sent

    return handle


def test_a_half_sent_series_is_told(tmp_path: Path) -> None:
    folder = make_series(tmp_path / "sent", "key")
    handlers = [(evt.EVT_C_FIND, answers(a_series(folder, 3))), (evt.EVT_C_GET, sending(folder, failing=1))]
    with (
        archive(*handlers, services=(dimse.FIND, dimse.GET)) as address,
        pytest.raises(PacsError, match="sent 2 of the 3 images of series 3"),
    ):
        fetch(opened(address), study_of("key"), tmp_path / "back")


def test_images_of_another_study_are_not_taken(tmp_path: Path) -> None:
    folder, other = make_series(tmp_path / "sent", "key"), make_series(tmp_path / "other", "other")
    handlers = [(evt.EVT_C_FIND, answers(a_series(folder, 3))), (evt.EVT_C_GET, sending(other))]
    with (
        archive(*handlers, services=(dimse.FIND, dimse.GET)) as address,
        pytest.raises(PacsError, match="could not send all images"),
    ):
        fetch(opened(address), study_of("key"), tmp_path / "back")
    assert list((tmp_path / "back").rglob("*.dcm")) == []


@pytest.mark.filterwarnings("error::pytest.PytestUnhandledThreadExceptionWarning")
def test_an_answer_without_end_is_cut_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Images of another study, one after the other: nothing that C-GET itself would end at."""
    monkeypatch.setattr(limits, "MOST_BYTES", 50_000)
    folder, (path,) = make_series(tmp_path / "sent", "key"), make_series(tmp_path / "x", "other", slices=1).iterdir()
    endless = dcmread(path)

    def flood(_event: Event) -> Iterator[Any]:
        yield 65535
        while True:
            yield 0xFF00, endless

    handlers = [(evt.EVT_C_FIND, answers(a_series(folder, 3))), (evt.EVT_C_GET, flood)]
    with (
        archive(*handlers, services=(dimse.FIND, dimse.GET)) as address,
        pytest.raises(PacsError, match="in one answer"),
    ):
        fetch(opened(address), study_of("key"), tmp_path / "back")


def test_an_archive_without_c_get_asks_for_a_port_of_ours(tmp_path: Path) -> None:
    folder = make_series(tmp_path / "sent", "key")
    with (
        archive((evt.EVT_C_FIND, answers(a_series(folder, 3)))) as address,
        pytest.raises(PacsError, match=r"does not offer C-GET.*LUMBARDISC_PACS_PORT"),
    ):
        fetch(opened(address), study_of("key"), tmp_path / "back")


def moving(_event: Event) -> Iterator[Any]:
    """A handler of C-MOVE that does not know where we are."""
    yield None, None


def test_a_destination_that_is_not_known_is_told(tmp_path: Path) -> None:
    folder = make_series(tmp_path / "sent", "key")
    handlers = [(evt.EVT_C_FIND, answers(a_series(folder, 3))), (evt.EVT_C_MOVE, moving)]
    port = str(free_port())
    with (
        archive(*handlers, services=(dimse.FIND, dimse.MOVE)) as address,
        pytest.raises(PacsError, match=f"does not know where ME is.*port {port}"),
    ):
        fetch(opened(address, AET="ME", PORT=port), study_of("key"), tmp_path / "back")


def test_a_port_that_is_taken_is_told(tmp_path: Path) -> None:
    folder = make_series(tmp_path / "sent", "key")
    with socket.create_server(("127.0.0.1", 0)) as taken, archive((evt.EVT_C_FIND, answers(a_series(folder, 3)))) as at:
        port = taken.getsockname()[1]
        with pytest.raises(PacsError, match=rf"LUMBARDISC_PACS_PORT: cannot listen at port {port} \(Address already"):
            fetch(opened(at, PORT=str(port)), study_of("key"), tmp_path / "back")


@pytest.mark.parametrize(("status", "said"), [(0x0122, "does not take this kind"), (0xC123, "cannot understand")])
def test_an_object_that_is_refused_is_told_with_its_name(status: int, said: str, tmp_path: Path) -> None:
    (path,) = make_series(tmp_path / "sent", "key", slices=1).iterdir()
    with archive((evt.EVT_C_STORE, lambda _: status)) as address, pytest.raises(PacsError, match=said) as told:
        opened(address).send([path])
    assert f"refused {path.name}" in str(told.value)


def test_what_was_stored_is_not_sent_again_and_remarks_are_handed_on(tmp_path: Path) -> None:
    paths = sorted(make_series(tmp_path / "sent", "key").iterdir())
    came: list[int] = []

    def store(event: Event) -> int:
        came.append(int(event.dataset.InstanceNumber))
        return OUT_OF_RESOURCES if came == [1, 2] else CHANGED if came[-1] == 3 else 0

    with archive((evt.EVT_C_STORE, store)) as address:
        assert opened(address).send(paths) == [f"{paths[2].name}: it changed some values (status B000H)"]
    assert came == [1, 2, 2, 3]


@pytest.mark.parametrize(
    ("environment", "kind", "first", "second"),
    [
        ({"USER": "jane", "PASSWORD": "Sesame4711"}, 2, b"jane", b"Sesame4711"),
        ({"TOKEN": "Sesame4711"}, 5, b"Sesame4711", b""),
    ],
)
def test_who_asks_is_told_to_the_archive_and_to_no_log(
    environment: dict[str, str], kind: int, first: bytes, second: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[Any] = []

    def identify(event: Event) -> tuple[bool, None]:
        told.append((event.user_id_type, event.primary_field, event.secondary_field or b""))
        return True, None

    with archive((evt.EVT_USER_ID, identify), (evt.EVT_C_FIND, answers())) as address, caplog.at_level("DEBUG"):
        find_studies(opened(address, **environment), ASKED)
    assert told == [(kind, first, second)]
    assert caplog.text != ""
    assert "Sesame4711" not in caplog.text
