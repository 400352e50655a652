"""What TensorBoard's process serves to the tab."""
