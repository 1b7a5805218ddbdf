"""What the scripts in ``benchmarks/`` have in common. The scripts start here, so it is imported as ``shared``."""
