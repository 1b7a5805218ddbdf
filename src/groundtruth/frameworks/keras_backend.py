"""Choose what Keras computes with: import this before Keras, which reads the choice once, when it is imported.

Used by the chapter *frameworks*: ``--backend NAME`` on the command line of a module comes before ``KERAS_BACKEND``.
"""

import os
import sys
import tempfile

if "--backend" in sys.argv[:-1]:
    os.environ["KERAS_BACKEND"] = sys.argv[sys.argv.index("--backend") + 1]
os.environ.setdefault("KERAS_BACKEND", "torch")
# Keras writes its settings into a folder when it is imported: let that be one that nobody misses.
os.environ.setdefault("KERAS_HOME", tempfile.mkdtemp(prefix="keras-"))
