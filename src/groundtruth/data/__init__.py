"""Data sets that ship with the book, one module each, and the loaders that feed them to a trainer.

This file imports nothing on purpose: a chapter depends only on the modules that it names.
"""
