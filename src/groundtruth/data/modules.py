"""Data in memory as Lightning's trainer takes them: the classes of ``groundtruth.data.batches``, as data modules.

Every chapter that trains a network with ``fit`` uses one of these.
"""

from __future__ import annotations

import pytorch_lightning as pl

from groundtruth.data.batches import ImageData, TensorData


class TensorDataModule(TensorData, pl.LightningDataModule):
    """Training, validation and test part of any data that fit in memory; all else as for ``TensorData``."""


class ImageDataModule(ImageData, TensorDataModule):
    """The parts of an ``ImageSet``, scaled and normalised; all else as for ``ImageData``."""
