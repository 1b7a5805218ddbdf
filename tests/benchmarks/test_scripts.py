"""The parts of the benchmarks that need no clock: what they choose, count and conclude, and what they refuse."""

import itertools
import json
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn

import build_cost
import distance_to_limit
import gpu
import start
import time_to_accuracy
import training_overhead
from groundtruth import profiles
from groundtruth.data.images import ImageSet
from groundtruth.plotting import style
from shared import courses, recipes, report
from shared.levels import Mark, summary

SCRIPTS = (build_cost, distance_to_limit, gpu, start, time_to_accuracy, training_overhead)


def images(train=64, test=20):
    generator = torch.Generator().manual_seed(0)
    parts = [
        part
        for count in (train, test)
        for part in (
            torch.randint(256, (count, 1, 28, 28), generator=generator, dtype=torch.uint8),
            torch.arange(count) % 10,
        )
    ]
    return ImageSet("noise", tuple("abcdefghij"), *parts)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.__name__)
def test_every_script_says_how_it_is_run_and_refuses_bad_options(script, capsys):
    assert f"python benchmarks/{script.__name__}.py" in script.__doc__
    for arguments in (["--rounds", "0"], ["--no-such-option"]):
        with pytest.raises(SystemExit) as ended:
            script.main(arguments)
        assert ended.value.code == 2
    capsys.readouterr()


def test_every_script_is_one_of_these():
    found = {path.stem for path in (report.ROOT / "benchmarks").glob("*.py")}
    assert found == {script.__name__ for script in SCRIPTS}


# Time to accuracy


def test_methods_have_names_of_their_own_and_name_what_exists():
    methods = (*time_to_accuracy.METHODS, *time_to_accuracy.CANDIDATES)
    names = [method.name for method in methods]
    assert len(set(names)) == len(names)
    for method in methods:
        assert method.call in recipes.BY_DATA[method.data] if method.ours else hasattr(courses, method.call)


def test_the_page_can_draw_every_method_of_a_data_set():
    for data in time_to_accuracy.LEVELS:
        for ours in (True, False):
            kind = [m for m in time_to_accuracy.METHODS if m.data == data and m.ours == ours]
            assert len(kind) <= len(style.MARKERS)


def test_methods_are_chosen_by_name_and_validation_knows_ours_alone():
    chosen = time_to_accuracy.chosen_methods
    assert [method.name for method in chosen(["lenet", "part-pass"], False)] == ["part-pass", "lenet"]
    assert chosen(None, False) == list(time_to_accuracy.METHODS)
    assert all(method.ours for method in chosen(None, True))
    assert "two-thirds-of-a-pass" in [method.name for method in chosen(None, True)]
    with pytest.raises(ValueError, match="there is no two-thirds-of-a-pass"):
        chosen(["two-thirds-of-a-pass"], False)
    with pytest.raises(ValueError, match="there is no nonsense"):
        chosen(["nonsense"], False)
    with pytest.raises(ValueError, match="there is no lenet"):
        chosen(["lenet"], True)


def test_an_unknown_method_is_refused_on_the_command_line(capsys):
    with pytest.raises(SystemExit) as ended:
        time_to_accuracy.main(["--only", "nonsense"])
    assert ended.value.code == 2
    assert "there is no nonsense; there is mlp" in capsys.readouterr().err


def test_a_training_ends_with_the_epoch_in_which_its_budget_ends():
    marks = (Mark(float(number), 0.5) for number in itertools.count(1))
    assert [mark.seconds for mark in time_to_accuracy.within(marks, 3.0)] == [1.0, 2.0, 3.0]
    assert len(time_to_accuracy.within(iter([Mark(1.0, 0.5)]), 3.0)) == 1


def test_speeds_are_compared_only_at_levels_that_others_reach():
    levels = time_to_accuracy.LEVELS["fashion_mnist"]
    rows = [
        {"data": "fashion_mnist", "method": name, "ours": ours, **summary([marks], levels)}
        for name, ours, marks in (
            ("book", True, [Mark(3.0, 0.905), Mark(30.0, 0.935)]),
            ("course", False, [Mark(12.0, 0.885), Mark(24.0, 0.915)]),
        )
    ]
    goals = {goal["statement"]: goal for goal in time_to_accuracy.goals_of(rows)}
    assert goals["90 % on Fashion-MNIST in at most 4 s of training"]["reached"]
    assert goals["93 % on Fashion-MNIST in at most 40 s of training"]["reached"]
    assert not goals["94 % on Fashion-MNIST in at most 150 s of training"]["reached"]
    assert goals["88 % on Fashion-MNIST at least 5 times as fast as course"]["value"] == 4.0
    assert goals["90 % on Fashion-MNIST at least 5 times as fast as course"]["value"] == 8.0
    assert len(goals) == 5
    assert time_to_accuracy.goals_of([]) == []


def test_a_missing_package_is_named_and_the_method_left_out(monkeypatch):
    keras = next(method for method in time_to_accuracy.METHODS if method.backend == "jax")
    monkeypatch.setattr(time_to_accuracy.importlib.util, "find_spec", lambda name: None)
    assert "keras, jax not installed (pip install keras jax)" in time_to_accuracy.missing(keras)
    assert time_to_accuracy.missing(time_to_accuracy.METHODS[0]) == ""


@pytest.mark.parametrize("held_out", [0, 20])
def test_a_recipe_leaves_a_mark_an_epoch_and_validation_does_not_look_at_the_test_images(
    held_out, monkeypatch
):
    looked = []
    fixed = recipes.Looked._fixed

    def noted(self, part):
        looked.append(len(part.targets))
        return fixed(self, part)

    monkeypatch.setattr(recipes.Looked, "_fixed", noted)
    recipe = recipes.Recipe(
        "small", lambda: nn.Sequential(nn.Flatten(), nn.Linear(784, 10)), 2, recipes.OptimizerSettings("sgd", 0.1),
        recipes.FALL, 0.05, recipes.flip, batch_size=16,
    )  # fmt: skip
    marks = recipes.train(recipe, images(80, 30), profiles.QUICK, 0, held_out=held_out)
    assert len(marks) == 2
    assert 0 < marks[0].seconds < marks[1].seconds
    assert set(looked) == {held_out or 30}


def test_a_recipe_with_a_limit_trains_on_so_many_images():
    seen = []
    recipe = recipes.Recipe(
        "small", lambda: nn.Sequential(nn.Flatten(), nn.Linear(784, 10)), 1, recipes.OptimizerSettings("sgd", 0.1),
        recipes.FALL, 0.05, lambda x, _: seen.append(len(x)) or x, batch_size=16, limit=48,
    )  # fmt: skip
    recipes.train(recipe, images(80, 30), profiles.QUICK, 0)
    assert seen == [16, 16, 16]


def test_pictures_stored_in_bfloat16_are_the_same_to_a_network_that_rounds_to_it(monkeypatch):
    for recipe in (recipe for known in recipes.BY_DATA.values() for recipe in known.values()):
        network, x = recipe.make(), torch.rand(2, 1, 28, 28)
        x = x if recipe.augment is not recipes.window else x[..., 2:26, 2:26]
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
            assert torch.equal(network(x), network(x.bfloat16())), recipe.name
    for has, stored in ((True, torch.bfloat16), (False, torch.float32)):
        monkeypatch.setattr(profiles, "has_bf16", lambda accelerator, has=has: has)
        assert recipes.stored_in(profiles.CPU) is stored


def test_the_networks_of_the_recipes_take_their_pictures():
    for recipe in (recipe for known in recipes.BY_DATA.values() for recipe in known.values()):
        network, x = recipe.make(), torch.rand(4, 1, 28, 28)
        assert network.eval()(x).shape == (4, 10)
        if recipe.augment is not None:
            x = recipe.augment(x, torch.Generator().manual_seed(0))
        assert network.train()(x).shape == (4, 10)


def test_the_digit_reader_averages_nine_windows():
    network = recipes.DigitReader().eval()
    x = torch.rand(2, 1, 28, 28)
    with torch.no_grad():
        views = [
            network.network(x[:, :, top : top + 24, left : left + 24])
            for top in (1, 2, 3)
            for left in (1, 2, 3)
        ]
        torch.testing.assert_close(network(x), torch.stack(views).mean(dim=0))


@pytest.mark.parametrize(("course", "weights"), [("lenet_sigmoid", 61_706), ("tiny_vgg", 7_740)])
def test_the_courses_networks_have_the_weights_of_their_description(course, weights, monkeypatch):
    seen = []
    monkeypatch.setattr(
        courses, "_torch_sgd", lambda network, *_, **settings: seen.append((network, settings))
    )
    getattr(courses, course)(images(), 0)
    network, settings = seen[0]
    assert network(torch.rand(2, 1, 28, 28)).shape == (2, 10)
    assert sum(p.numel() for p in network.parameters()) == weights
    expected = {
        "lenet_sigmoid": {"rate": 0.9, "batch_size": 256, "epochs": 10},
        "tiny_vgg": {"rate": 0.1, "batch_size": 32, "epochs": 3},
    }
    assert settings == expected[course]


@pytest.mark.parametrize("course", ["tiny_vgg", "sklearn_mlp"])
def test_a_course_leaves_a_mark_an_epoch(course):
    marks = list(getattr(courses, course)(images(), 0, 2))
    assert len(marks) == 2
    assert 0 < marks[0].seconds < marks[1].seconds
    assert all(0 <= mark.accuracy <= 1 for mark in marks)


def test_boosting_tells_when_each_round_ends():
    log = courses._Clock()
    for text in ("Binning 0.1 GB of training data: ", "0.123 s", "\n", "Fitting gradient boosted rounds:", "\n",
                 "[1/100] ", "10 trees, 310 leaves (31 on avg), max depth = 9, in 0.345s", "\n",
                 "[2/100] ", "10 trees, 310 leaves (31 on avg), max depth = 9, val loss: 0.5, in 0.345s", "\n",
                 "Fit 20 trees in 1.234 s, (620 total leaves)", "\n"):  # fmt: skip
        log.write(text)
    assert len(log.rounds) == 2


# Distance to the limit


def test_operations_count_forward_and_both_slopes_but_none_of_the_inputs():
    network = nn.Sequential(nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))
    first, second = 784 * 128, 128 * 10
    assert distance_to_limit.operations(network) == 2 * (2 * first + 3 * second)


def test_time_is_dealt_out_by_operation_and_by_the_mark_around_it():
    events = [
        (["aten::mkldnn_convolution", "aten::conv2d", "step"], 4.0),
        (["autograd::ConvolutionBackward0", "step"], 1.0),
        (["aten::convolution_backward", "step"], 1.0),
        (["aten::mm", "aten::matmul", "Optimizer.step#OrthogonalMomentum.step", "step"], 1.0),
        (["aten::index_select", "batches", "step"], 1.0),
        (["aten::addmm", "step"], 1.0),
        (["step"], 1.0),
    ]
    found = distance_to_limit.shares(events)
    assert sum(found.values()) == pytest.approx(1)
    assert {kind: round(10 * share) for kind, share in found.items() if share} == {
        "convolution": 5, "other": 1, "optimizer": 1, "batches": 1, "matrix product": 1, "between": 1,
    }  # fmt: skip
    assert set(distance_to_limit.shares([]).values()) == {0.0}


@pytest.mark.parametrize(
    ("operation", "kind"),
    [
        ("aten::native_batch_norm", "normalisation"),
        ("aten::max_pool2d_with_indices_backward", "pooling"),
        ("aten::_log_softmax", "loss"),
        ("aten::copy_", "copies and casts"),
        ("aten::threshold_backward", "rectifiers, sums and other elementwise"),
        ("aten::linear", "matrix product"),
        ("something new", "other"),
    ],
)
def test_operations_have_a_kind(operation, kind):
    assert distance_to_limit.kind_of(operation) == kind


def test_an_event_is_named_with_those_around_it():
    outer = SimpleNamespace(name="step", cpu_parent=None)
    inner = SimpleNamespace(name="aten::mm", cpu_parent=outer)
    assert distance_to_limit.names_around(inner) == ["aten::mm", "step"]


# Training overhead


def test_each_way_to_train_comes_first_as_often_as_any_other():
    names = ["a", "b", "c"]
    orders = [training_overhead.rotated(names, number) for number in range(3)]
    assert [order[0] for order in orders] == names
    assert all(sorted(order) == names for order in orders)


def test_goals_of_the_overhead_depend_on_the_size_of_the_step():
    def row(name, bare, ratio, per_image):
        return {
            "network": name,
            "milliseconds": {"bare": report.spread([bare])},
            "ratios": {"fit": report.spread([ratio])},
            "per_image_over_fit": report.spread([per_image]),
        }

    large, tiny, images_ = training_overhead.goals_of(
        [row("large", 12.0, 1.06, 1.5), row("tiny", 2.0, 1.06, 3.5)]
    )
    assert (large["at_most"], large["reached"]) == (1.05, False)
    assert (tiny["at_most"], tiny["reached"]) == (1.15, True)
    assert (images_["value"], images_["reached"]) == (2.5, True)


# Building


def test_generated_books_have_the_chapters_that_were_asked_for(tmp_path):
    (tmp_path / "book").mkdir()
    (tmp_path / "_config.yml").write_text(
        (report.ROOT / "_config.yml").read_text(encoding="utf-8"), encoding="utf-8"
    )
    build_cost.small_book(tmp_path, 2)
    toc = (tmp_path / "_toc.yml").read_text(encoding="utf-8")
    assert toc.count("generated-0") == 2
    for slug in ("generated-01", "generated-02"):
        module = tmp_path / "src/groundtruth/scratch" / f"{slug.replace('-', '_')}.py"
        page = tmp_path / "book" / f"{slug}.md"
        before = page.read_text(encoding="utf-8"), module.read_text(encoding="utf-8")
        build_cost.edit_prose(tmp_path, slug)
        build_cost.edit_module(tmp_path, slug)
        assert page.read_text(encoding="utf-8") != before[0]
        assert module.read_text(encoding="utf-8") != before[1]
    assert "groundtruth_archive: true" not in (tmp_path / "_config.yml").read_text(encoding="utf-8")


def test_the_edited_chapter_and_its_module_exist():
    assert (report.ROOT / "book" / "perceptron.md").is_file()
    assert (report.ROOT / "src/groundtruth/scratch/perceptron.py").is_file()


def test_a_build_that_fails_says_why(tmp_path):
    package = tmp_path / "src" / "groundtruth" / "sphinxext"
    package.mkdir(parents=True)
    for folder in (package.parent, package):
        (folder / "__init__.py").write_text("", encoding="utf-8")
    (package / "build.py").write_text("import no_such_package_at_all\n", encoding="utf-8")
    with pytest.raises(build_cost.BuildError, match="No module named"):
        build_cost.build(tmp_path)


def test_a_chapter_more_is_the_slope():
    rows = [
        {"generated": n, "seconds": report.spread([20 + 2 * n]), "mib": report.spread([300 + n]),
         "mib_together": report.spread([1000 + 0 * n])}
        for n in (4, 16, 64)
    ]  # fmt: skip
    costs = build_cost.a_chapter_more(rows)
    assert costs["seconds"] == pytest.approx({"a_chapter": 2, "before_the_first": 20})
    assert costs["mib"] == pytest.approx({"a_chapter": 1, "before_the_first": 300})
    assert costs["mib_together"]["a_chapter"] == pytest.approx(0)


# Start


def test_a_process_that_fails_says_why_and_one_that_works_is_timed():
    with pytest.raises(RuntimeError, match="no_such_package_at_all"):
        start.timed("import no_such_package_at_all")
    found = start.timed("print('{\"what\": 1.5}')")
    assert found["what"] == 1.5
    assert found["whole"] > 0


# GPU


def test_without_a_device_one_line_is_printed_and_nothing_is_written(capsys, monkeypatch, tmp_path):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert gpu.main(["--json", str(tmp_path / "gpu.json")]) == 0
    assert capsys.readouterr().out == "There is no CUDA device here: nothing was measured.\n"
    assert list(tmp_path.iterdir()) == []


def test_where_there_is_a_device_recipes_stand_beside_what_is_published(capsys, monkeypatch, tmp_path):
    recipe = recipes.Recipe(
        "tiny", lambda: nn.Sequential(nn.Flatten(), nn.Linear(784, 10)), 1, recipes.OptimizerSettings("sgd", 0.1),
        recipes.FALL, 0.05, recipes.flip, batch_size=16,
    )  # fmt: skip
    monkeypatch.setattr(gpu, "GPU", profiles.QUICK)
    monkeypatch.setattr(gpu, "RECIPES", {"Fashion-MNIST": [recipe]})
    monkeypatch.setattr(gpu.fashion_mnist, "load", lambda: images(64, 500))
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda: "a device of the tests")
    assert gpu.main(["--quick", "--rounds", "2", "--json", str(tmp_path / "gpu.json")]) == 0
    found = json.loads((tmp_path / "gpu.json").read_text(encoding="utf-8"))
    assert found["machine"]["device"] == "a device of the tests"
    assert found["rows"][0]["seconds"]["n"] == 2
    assert [record["seconds"] for record in found["published"]] == [3.29, 10.4, 46.3]
    (table,) = found["tables"]
    assert [row[1] for row in table["rows"]] == ["tiny"] * 2 + ["published, NVIDIA A100"] * 3
    assert "published, NVIDIA A100" in capsys.readouterr().out
    assert gpu.main(["--cifar", str(tmp_path)]) == 2
    assert "there is no" in capsys.readouterr().err


def cifar_files(folder, images_each=2):
    for number, name in enumerate([*(f"data_batch_{n}.bin" for n in range(1, 6)), "test_batch.bin"]):
        rows = np.full((images_each, gpu.ROW), number, dtype=np.uint8)
        rows[:, 0] = number % 10
        rows.tofile(folder / name)


def test_cifar_is_read_from_its_binary_version(tmp_path):
    cifar_files(tmp_path)
    found = gpu.cifar(tmp_path)
    assert found.train_images.shape == (10, 3, 32, 32)
    assert found.train_labels.tolist() == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]
    assert found.test_images.unique().tolist() == [5]


def test_cifar_that_is_not_there_or_has_another_form_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"there is no .*data_batch_1\.bin"):
        gpu.cifar(tmp_path)
    cifar_files(tmp_path)
    (tmp_path / "data_batch_3.bin").write_bytes(b"\x00" * 100)
    with pytest.raises(ValueError, match=r"data_batch_3\.bin is not of CIFAR-10's binary form"):
        gpu.cifar(tmp_path)


def test_the_networks_for_a_gpu_take_their_pictures():
    x = torch.rand(2, 3, 32, 32)
    network = gpu.NineLayers()
    assert network.eval()(x).shape == (2, 10)
    assert network.train()(gpu.colour(x, torch.Generator().manual_seed(0))).shape == (2, 10)
