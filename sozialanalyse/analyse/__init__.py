"""Analyses: frames in, frozen results out."""
