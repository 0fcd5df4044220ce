"""`python -m packline` is the command line."""

from packline.cli import main

main()
