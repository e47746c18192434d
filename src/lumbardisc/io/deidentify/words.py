"""Descriptions of series and segments that say nothing of a person: each of their words is known to be harmless."""

from __future__ import annotations

import re

_SEQUENCES = """
    t1 t2 t2star t1rho t1r t2map t1map rho pd pdw t1w t2w se tse fse ffe tfe gre fgre spgr flash space cube vista brace
    stir tirm spair spir fs fatsat fat sat supp suppressed water dixon mdixon idea ideal vibe medic merge fiesta ciss
    trufi dess haste flair blade propeller spin lock spinlock tsl sl te tr ti fa dwi adc map in out opp phase opposed
    ip op inphase contrast post pre gd km iso isotropic fast turbo echo gradient sense ipat grappa asset dl
"""
_PLACES = """
    sag sagittal sagital sagittale ax axial tra trans transversal transverse cor coronal coronar obl oblique loc
    localizer localiser scout survey 3pl 3plane plane lumbar lumbal lumb lspine lsspine ls lws lwk lumbosacral spine
    lendenwirbelsaeule tspine cspine tlspine wholespine abdomen pelvis thoracic thoracolumbar cervical sacral sacrum
    l s t c mid whole left right rt lt
"""
_STRUCTURES = """
    disc discs disk disks intervertebral vertebra vertebrae vertebral body bodies canal spinal cord nucleus annulus
    segmentation segment structure study exam mri mr mrt irm rm routine standard axial protocol series scan image images
    ms mm w o wo weighted of the and with without high low res resolution hr long short repeat rep new rpt nr no
"""
_OF_PHANTOMS = "phantom lumbardisc"
_KNOWN = "|".join(
    sorted({*_SEQUENCES.split(), *_PLACES.split(), *_STRUCTURES.split(), *_OF_PHANTOMS.split()}, key=len)[::-1]
)

_UNIT = "(?:ms|mm|s|hz|khz|deg|t)?"
# no words run together but after a weighting: of short ones any name could be made
_WORD = re.compile(rf"(?:[23]d|t1|t2|pd)?(?:{_KNOWN})(?:\d{{1,3}}{_UNIT})?|\d{{1,3}}{_UNIT}|[23]d")
_DATE = re.compile(r"\d{1,2}[ _./-]\d{1,2}[ _./-]\d{2,3}")
_TIMES = re.compile(r"tsl|spin.?lock")  # lists of spin-lock times look like dates


def harmless(text: str) -> bool:
    """Whether a text is made of words that are known and of numbers of at most three digits that are no date."""
    words = [word for word in re.split(r"[\s_/.,:;()+*=-]+", text.lower()) if word]
    return all(map(_WORD.fullmatch, words)) and bool(_TIMES.search(text.lower()) or not _DATE.search(text))
