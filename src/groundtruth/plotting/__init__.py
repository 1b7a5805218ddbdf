"""How the book's figures look (`style`), and functions that draw into an Axes and return it, one module a subject."""
