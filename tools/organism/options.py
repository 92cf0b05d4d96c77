"""Command line options that more than one command has."""

from __future__ import annotations

import argparse


def positive(text: str) -> int:
    """A whole number of 1 or more; argparse prints the message and ends with 2."""
    number = int(text) if text.isascii() and text.isdigit() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number of 1 or more, got {text!r}")
    return number
