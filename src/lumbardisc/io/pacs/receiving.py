"""Taking images in over DIMSE: what we offer to take, and how each is kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lumbardisc.errors import OutputError, PacsError
from lumbardisc.io.pacs.association import Caller
from lumbardisc.io.pacs.credentials import PREFIX
from lumbardisc.io.pacs.inbox import Inbox
from lumbardisc.io.pacs.tls import server_context

if TYPE_CHECKING:
    from pynetdicom.events import Event
    from pynetdicom.presentation import PresentationContext

_IMAGES = ("MRImageStorage", "EnhancedMRImageStorage", "LegacyConvertedEnhancedMRImageStorage")
_BESIDE = (  # also in series of MR; taken so that none is missing, passed over in reading
    *("EnhancedMRColorImageStorage", "MRSpectroscopyStorage", "RawDataStorage", "SecondaryCaptureImageStorage"),
    *("MultiFrameGrayscaleByteSecondaryCaptureImageStorage", "MultiFrameGrayscaleWordSecondaryCaptureImageStorage"),
    "MultiFrameTrueColorSecondaryCaptureImageStorage",
)
_PRIVATE = (  # the same of Siemens (what is no image) and Philips (spectra, series data, examination cards)
    *("1.3.12.2.1107.5.9.1", "1.3.46.670589.11.0.0.12.1", "1.3.46.670589.11.0.0.12.2", "1.3.46.670589.11.0.0.12.4"),
)
_PLAIN = ("ExplicitVRLittleEndian", "ImplicitVRLittleEndian")
_COMPRESSED = (
    *("JPEGLosslessSV1", "JPEGLossless", "JPEG2000Lossless", "JPEG2000", "JPEGLSLossless", "JPEGLSNearLossless"),
    *("RLELossless", "JPEGBaseline8Bit", "JPEGExtended12Bit", "DeflatedExplicitVRLittleEndian", "ExplicitVRBigEndian"),
)
_NO_SPACE, _NOT_ASKED_FOR = 0xA700, 0x0124


@dataclass(frozen=True)
class Receiver:
    """Answers each C-STORE. errors: what kept an image from being kept here."""

    inbox: Inbox
    errors: list[OutputError] = field(default_factory=list)

    def __call__(self, event: Event) -> int:
        """The status: whether the image was kept."""
        try:
            self.inbox.put(event.encoded_dataset())
        except OutputError as error:
            self.errors.append(error)
            return _NO_SPACE
        except PacsError:
            return _NOT_ASKED_FOR
        return 0

    def check(self) -> None:
        """Raises OutputError where an image could not be kept."""
        if self.errors:
            raise self.errors[0]


def contexts() -> list[PresentationContext]:
    """Each kind of image in each form by itself, so that the PACS sends it as it has it; no more than the 128 that one
    association may have."""
    from pydicom import uid
    from pynetdicom import build_context

    forms = [getattr(uid, name) for name in (*_PLAIN, *_COMPRESSED)]
    images = [build_context(getattr(uid, name), form) for name in _IMAGES for form in forms]
    return [*images, *(build_context(kind, forms[: len(_PLAIN)]) for kind in _beside())]


def roles() -> list[Any]:
    """Of C-GET: that we take what is sent over the association that we made."""
    from pydicom import uid
    from pynetdicom import build_role

    return [build_role(kind, scp_role=True) for kind in (*(getattr(uid, name) for name in _IMAGES), *_beside())]


def _beside() -> list[str]:
    """UIDs of what is not read; the library is told that private ones are stored as any other."""
    from pydicom import uid
    from pynetdicom.service_class import StorageServiceClass
    from pynetdicom.sop_class import register_uid

    for number, kind in enumerate(_PRIVATE):
        register_uid(kind, f"PrivateStorage{number}", StorageServiceClass)
    return [*(getattr(uid, name) for name in _BESIDE), *_PRIVATE]


@contextmanager
def listening(caller: Caller, port: int, receiver: Receiver) -> Iterator[None]:
    """Images that are sent to our port are received as long as this context lasts. Raises PacsError, UsageError."""
    from pynetdicom import evt

    own = caller.entity()
    own.supported_contexts = _supported()
    own.require_called_aet = True
    place = ("127.0.0.1" if caller.address.local else "", port)
    context = server_context(caller.credentials) if caller.address.encrypted else None
    try:
        own.start_server(place, block=False, evt_handlers=[(evt.EVT_C_STORE, receiver)], ssl_context=context)
    except OSError as error:
        reason = f"{PREFIX}PORT: cannot listen at port {port} ({error.strerror})"
        raise PacsError(f"{reason}; end what does, or have another entered at the PACS") from error
    try:
        yield
    finally:
        own.shutdown()


def _supported() -> list[PresentationContext]:
    """One for each kind of image with all of its forms."""
    from pynetdicom import build_context

    forms: dict[Any, list[Any]] = {}
    for context in contexts():
        forms.setdefault(context.abstract_syntax, []).extend(context.transfer_syntax)
    return [build_context(kind, of_kind) for kind, of_kind in forms.items()]
