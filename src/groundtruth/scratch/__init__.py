"""The ideas of the book written out by hand in plain tensors, one module a chapter, each tested against PyTorch."""
