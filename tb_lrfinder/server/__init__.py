"""The plugin in TensorBoard's process, which serves the tab."""
