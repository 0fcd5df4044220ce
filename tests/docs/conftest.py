"""The generator of the reference is importable here, as it is for `python scripts/reference.py`."""

import sys

from docs.pages import ROOT

sys.path.insert(0, str(ROOT / "scripts"))
