"""`python -m packline_sim` is the simulator's command line."""

from packline_sim.cli import main

main()
