"""From a volume to what the networks see: resampling and intensity."""
