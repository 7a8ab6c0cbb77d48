"""Data sets, training, calibration and measuring of models: an extra, which nothing that serves may import."""
