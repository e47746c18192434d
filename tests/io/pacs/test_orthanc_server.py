"""The PACS of the tests is a real one: it wants a password, and answers over both protocols."""

from __future__ import annotations

import pytest
import requests
from orthanc_server import CALLER, Orthanc
from pynetdicom import AE
from pynetdicom.sop_class import Verification


def test_it_answers_over_dicomweb_to_those_who_know_the_password(orthanc: Orthanc) -> None:
    url = f"{orthanc.dicomweb}/studies"
    assert requests.get(url, timeout=5).status_code == 401
    known = (orthanc.user.encode(), orthanc.password.encode())
    assert requests.get(url, auth=known, timeout=5).status_code == 200


@pytest.mark.parametrize(("title", "answers"), [("ORTHANC", True), ("ANOTHER", False)])
def test_it_answers_over_dimse_by_its_own_name(orthanc: Orthanc, title: str, answers: bool) -> None:
    host, port, _ = orthanc.dimse
    caller = AE(CALLER)
    caller.add_requested_context(Verification)
    link = caller.associate(host, port, ae_title=title)
    assert link.is_established is answers
    link.release()
