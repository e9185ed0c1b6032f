"""The sandbox's telephone, reached over HTTP like every other."""
