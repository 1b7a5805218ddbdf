"""Training: a LightningModule that keeps its own record, and ``fit``, the only place that builds a Trainer."""
