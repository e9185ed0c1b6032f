"""The money over the REST API: the same services and the same limits as on the desk."""
