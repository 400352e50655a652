"""The entry point that TensorBoard loads.

TensorBoard does not guard this import: an error here would stop all of TensorBoard. So nothing but the base class is
imported until `load`.
"""

from __future__ import annotations

from tensorboard.plugins import base_plugin


class LRFinderLoader(base_plugin.TBLoader):
    """Loads the LR Finder tab."""

    def load(self, context: base_plugin.TBContext) -> base_plugin.TBPlugin:
        from tb_lrfinder.server.plugin import LRFinderPlugin

        return LRFinderPlugin(context)
