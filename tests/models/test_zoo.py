"""The three libraries are stood in for by small modules of their interface: none of them is needed, nor imported."""

import subprocess
import sys
import textwrap

import pytest
import torch
from torch import nn

from groundtruth.models import zoo

FAKES = {
    "torchvision/__init__.py": "",
    "torchvision/models.py": """
        from torch import nn
        def get_model(name, weights):
            model = nn.Sequential(nn.Flatten(), nn.Linear(12, 8), nn.Sequential(nn.ReLU(), nn.Linear(8, 1000)))
            model.asked = (name, weights)
            return model
    """,
    "timm.py": """
        from torch import nn
        def create_model(name, pretrained, num_classes):
            model = nn.Sequential(nn.Flatten(), nn.Linear(12, num_classes))
            model.asked = (name, pretrained)
            return model
    """,
    "transformers.py": """
        from types import SimpleNamespace
        from torch import nn
        class Model(nn.Module):
            def __init__(self, labels):
                super().__init__()
                self.head = nn.Linear(12, labels)
            def forward(self, x):
                return SimpleNamespace(logits=self.head(x.flatten(1)))
        class AutoModelForImageClassification:
            @staticmethod
            def from_pretrained(name, num_labels, ignore_mismatched_sizes):
                assert ignore_mismatched_sizes
                return Model(num_labels)
    """,
}


@pytest.fixture
def stand_ins(tmp_path, monkeypatch):
    for path, source in FAKES.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(textwrap.dedent(source))
    names = ("torchvision", "torchvision.models", "timm", "transformers")
    for name in names:
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield tmp_path
    for name in names:
        sys.modules.pop(name, None)


@pytest.fixture
def nothing_installed(monkeypatch):
    monkeypatch.setattr(zoo.importlib.util, "find_spec", lambda _name: None)


@pytest.mark.parametrize("library", list(zoo.LIBRARIES))
def test_a_network_with_a_new_head(stand_ins, library):
    model = zoo.load(library, classes=5)
    assert model(torch.zeros(2, 3, 2, 2)).shape == (2, 5)
    asked = getattr(model, "asked", None)
    assert asked in {None, ("mobilenet_v3_small", "DEFAULT"), ("mobilenetv3_small_100", True)}


def test_torchvision_keeps_all_but_the_last_layer(stand_ins):
    model = zoo.load("torchvision", "other", classes=3, pretrained=False)
    assert model.asked == ("other", None)
    assert [part.out_features for part in model.modules() if isinstance(part, nn.Linear)] == [8, 3]


@pytest.mark.parametrize("library", list(zoo.LIBRARIES))
def test_what_is_not_installed_says_how_to_install_it(nothing_installed, library):
    package = zoo.LIBRARIES[library].package
    with pytest.raises(zoo.NotInstalledError, match=f"pip install {package}"):
        zoo.load(library)
    assert zoo.status(library) == f"not installed here: pip install {package}"


def test_a_library_that_does_not_import_says_so(stand_ins):
    (stand_ins / "timm.py").write_text("raise RuntimeError('operator nms does not exist')")
    with pytest.raises(
        zoo.NotInstalledError, match="does not import beside this PyTorch: RuntimeError: operator nms"
    ):
        zoo.load("timm")
    assert zoo.status("timm").startswith("installed")


def test_nothing_is_imported_by_asking():
    code = "import sys; from groundtruth.models import zoo; print([zoo.status(n) for n in zoo.LIBRARIES]); "
    code += "print({'torchvision', 'timm', 'transformers'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "set()"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"library": "keras"}, "choose one of: torchvision, timm, huggingface"),
        ({"library": "timm", "classes": 0}, "classes"),
    ],
)
def test_what_cannot_be_meant_is_refused(arguments, words):
    with pytest.raises(ValueError, match=words):
        zoo.load(**arguments)
    with pytest.raises(ValueError, match="unknown library 'keras'"):
        zoo.status("keras")


def test_hugging_face_has_no_random_start(stand_ins):
    with pytest.raises(ValueError, match="pretrained=True"):
        zoo.load("huggingface", pretrained=False)
