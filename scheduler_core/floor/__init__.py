"""The shop floor, played: what happens to plans when orders arrive, durations differ and machines break down."""
