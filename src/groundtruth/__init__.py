"""The tested package behind *Deep Learning from Ground Truth*.

This file imports nothing on purpose: `import groundtruth` stays fast, and a chapter depends only on
the modules that it names.
"""

__version__ = "0.1.0"
