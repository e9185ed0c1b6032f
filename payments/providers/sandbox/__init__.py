"""The sandbox provider, reached over HTTP like every other."""
