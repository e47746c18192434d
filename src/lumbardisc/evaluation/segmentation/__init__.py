"""How right a segmentation is: overlap and distance of surfaces, names of levels, sizes: arrays in, numbers out."""
