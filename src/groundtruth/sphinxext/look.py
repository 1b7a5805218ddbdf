"""What the theme has to know: the logo, and colours of code that can be read in both themes.

The style sheet, the script, the fonts and the templates are in ``static/`` and ``templates/``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.config import Config

# Made for contrast (package accessible-pygments, which the theme brings): 4.5 to 1 at least, also on our backgrounds.
CODE_LIGHT = "a11y-high-contrast-light"
CODE_DARK = "github-dark"


def settings(app: Sphinx, config: Config) -> None:
    """Set the theme's options (event ``config-inited``)."""
    config.pygments_style = CODE_LIGHT
    config.html_theme_options.setdefault("light_logo", "logo.svg")
    config.html_theme_options.setdefault("dark_logo", "logo.svg")


def dark_code(app: Sphinx) -> None:
    """Set the colours of code on dark pages (event ``builder-inited``).

    The theme adds this setting itself, so late that a value in ``_config.yml`` is not known yet and is refused.
    """
    app.config.pygments_dark_style = CODE_DARK


def setup(app: Sphinx) -> None:
    """Connect both to the build."""
    app.connect("config-inited", settings)
    app.connect("builder-inited", dark_code, priority=100)  # before the theme reads it
