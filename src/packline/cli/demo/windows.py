"""The pages of the demo in the user's browser: Amazon and Packline, side by side where the desktop puts them."""

import os
import sys
import webbrowser


def has_a_desktop() -> bool:
    """Tell whether somebody sits at a machine with windows: elsewhere a browser would take the terminal itself."""
    if not (sys.stderr.isatty() and sys.stdin.isatty()) or os.environ.get("CI") or os.environ.get("SSH_CONNECTION"):
        return False
    return sys.platform in ("darwin", "win32") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def open_windows(*addresses: str) -> bool:
    """Open each address in a window of its own; False where there is no browser (the screen shows them anyway)."""
    try:
        return all(webbrowser.open_new(address) for address in addresses)
    except webbrowser.Error:
        return False
