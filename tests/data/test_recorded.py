from groundtruth.data import recorded


def test_the_recorded_runs_are_whole():
    runs = recorded.FULL_FINE_TUNING
    assert {run.arm for run in runs} == {"eval", "train"}
    assert len({(run.arm, run.seed, run.side) for run in runs}) == len(runs)
    assert all(0 < run.test < 1 and run.epochs > 0 for run in runs)
    assert "benchmarks/recorded/full_fine_tuning.py" in recorded.HOW


def test_every_side_was_tried_sharpened_and_not():
    ways = recorded.FROZEN_FEATURES
    sides = {way.side for way in ways}
    assert {(way.side, way.sharpened) for way in ways} == {(s, k) for s in sides for k in (False, True)}
    assert len(ways) == 2 * len(sides)
    assert all(0.5 < way.held_out < 1 for way in ways)
    assert "benchmarks/recorded/frozen_features.py" in recorded.HOW
