"""A manifest as a PDF."""

from packline.domain.manifest import Manifest

MEDIA_TYPE = "application/pdf"


def manifest_pdf(manifest: Manifest, zone: str, seller: str = "") -> bytes:
    """Draw a manifest on A4: head, a line with a bar code for each parcel that leaves, two signatures.

    Times are those of `zone`. The same manifest gives the same bytes.
    """
    # reportlab takes half a second to load: the first manifest waits for it, not every start
    from packline.oms.manifest_drawing import draw

    return draw(manifest, zone, seller)
