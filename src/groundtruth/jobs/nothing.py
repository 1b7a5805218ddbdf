"""A job that does nothing: it shows that the server of processes is up. Used by ``groundtruth.jobs.together``."""


def main() -> None:
    """Do nothing."""
