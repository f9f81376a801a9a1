"""Shared workbench of social planning: compare, type and present small areas."""
