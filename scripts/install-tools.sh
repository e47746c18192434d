#!/usr/bin/env bash
# The programs of others that the tests hold our files against, from Debian's packages; nothing where they are there.
set -euo pipefail

declare -A package=(
    [Orthanc]=orthanc
    [dciodvfy]=dicom3tools
    [dcmdump]=dcmtk
    [openssl]=openssl
    [pdftotext]=poppler-utils
)

missing=()
for program in "${!package[@]}"; do
    command -v "$program" >/dev/null || [ -x "/usr/sbin/$program" ] || missing+=("${package[$program]}")
done
[ -e /usr/share/orthanc/plugins/libOrthancDicomWeb.so ] || missing+=(orthanc-dicomweb)
[ -d /usr/share/poppler ] || missing+=(poppler-data) # letters of East Asia
((${#missing[@]})) || exit 0

as_root=()
((EUID == 0)) || as_root=(sudo -n)
export DEBIAN_FRONTEND=noninteractive
if ! { "${as_root[@]}" apt-get update -qq && "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}"; } </dev/null; then
    echo "the tests need ${missing[*]} and they cannot be installed here; as root: apt-get install ${missing[*]}" >&2
    echo "(or run pytest by itself: what needs them is then skipped)" >&2
    exit 1
fi
