from groundtruth.data import recorded


def test_the_recorded_runs_are_whole():
    assert set(recorded.FULL_FINE_TUNING) == {"eval", "train"}
    for runs in recorded.FULL_FINE_TUNING.values():
        assert len({run.seed for run in runs}) == len(runs) > 0
        assert all(0 < run.test < 1 and run.epochs > 0 for run in runs)
    assert "benchmarks/full_fine_tuning.py" in recorded.HOW
