"""The control API under `/_sim/`: create, watch and disturb the simulated Amazon while it runs."""
