"""Checks for the exercises, one module a chapter; `answers` holds what they share."""
