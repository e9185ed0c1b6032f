"""The kill lane: everything we run is killed, cut and emptied while customers pay."""
