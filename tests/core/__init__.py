"""Tests of the kernel."""

import psycopg

type Owner = psycopg.Connection[tuple[object, ...]]
