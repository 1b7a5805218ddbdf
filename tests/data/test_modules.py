import pytest
import pytorch_lightning as pl
import torch
from torch import nn

from groundtruth.data.batches import ImageData, TensorData
from groundtruth.data.images import ImageSet
from groundtruth.data.modules import ImageDataModule, TensorDataModule


def numbered(n):
    """Inputs (n, 1) that are their own number, so that a batch tells which examples it holds."""
    return torch.arange(n, dtype=torch.float32).unsqueeze(1)


class Recorder(pl.LightningModule):
    """A network that notes which examples reach it."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(1, 1)
        self.train_seen, self.val_seen, self.test_seen = [], [], []

    def training_step(self, batch, batch_idx):
        inputs, targets = batch
        assert inputs[:, 0].long().tolist() == targets.tolist()
        self.train_seen += [(self.current_epoch, number) for number in targets.tolist()]
        return self.layer(inputs / 100).square().mean()

    def validation_step(self, batch, batch_idx):
        self.val_seen += batch[1].tolist()

    def test_step(self, batch, batch_idx):
        self.test_seen += batch[1].tolist()

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.01)


@pytest.mark.parametrize("validation", [20, 0])
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_lightnings_trainer_sees_every_example_once_per_epoch(tmp_path, validation):
    # Whole-number targets would be strata of one example each, so the numbers travel as floating targets.
    n = 50
    module = TensorDataModule(
        numbered(n),
        torch.arange(n, dtype=torch.float64),
        numbered(7),
        torch.arange(7, dtype=torch.float64),
        batch_size=8,
        validation=validation,
        normalise=False,
        eval_batch_size=6,
    )
    network = Recorder()
    trainer = pl.Trainer(
        max_epochs=2,
        accelerator="cpu",
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        use_distributed_sampler=False,
        num_sanity_val_steps=0,
        default_root_dir=tmp_path,
    )
    trainer.fit(network, datamodule=module)
    trainer.test(network, datamodule=module, verbose=False)
    per_epoch = [[int(number) for epoch, number in network.train_seen if epoch == e] for e in (0, 1)]
    assert sorted(per_epoch[0]) == sorted(per_epoch[1]) == module.train_indices.tolist()
    assert per_epoch[0] != per_epoch[1]
    assert trainer.global_step == 2 * len(module.train_dataloader())
    assert network.val_seen == 2 * module.validation_indices.tolist()
    assert network.test_seen == list(range(7))
    if validation == 0:
        assert module.val_dataloader() == []


def test_a_data_module_is_its_plain_class_and_nothing_more():
    generator = torch.Generator().manual_seed(5)
    pixels = torch.randint(0, 256, (60, 1, 6, 4), generator=generator, dtype=torch.uint8)
    classes = torch.arange(60) % 3
    images = ImageSet("Noise", ("a", "b", "c"), pixels[:48], classes[:48], pixels[48:], classes[48:])
    settings = {"batch_size": 7, "validation": 12, "shuffle_seed": 3, "channels_last": True}
    tensors = (pixels[:48], classes[:48], pixels[48:], classes[48:])
    pairs = [
        (ImageDataModule(images, **settings), ImageData(images, **settings)),
        (TensorDataModule(*tensors, **settings), TensorData(*tensors, **settings)),
    ]
    for module, plain in pairs:
        assert isinstance(module, pl.LightningDataModule)
        assert not isinstance(plain, pl.LightningDataModule)
        assert module.class_names == plain.class_names
        for loader in ("train_dataloader", "val_dataloader", "test_dataloader"):
            for (x, y), (same_x, same_y) in zip(
                getattr(module, loader)(), getattr(plain, loader)(), strict=True
            ):
                assert torch.equal(x, same_x)
                assert torch.equal(y, same_y)
    assert isinstance(pairs[0][0], TensorDataModule)
    assert isinstance(pairs[0][1], TensorData)
