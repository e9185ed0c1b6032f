"""A shift of scripted calls in a browser, against every process that Kuitti has in use."""
