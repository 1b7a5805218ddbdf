"""One network in several frameworks, a module each, to be read side by side. Used by the chapter *frameworks*."""
