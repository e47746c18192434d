"""DICOM objects of a study: segmentation, measurements, report and picture, on the images that it was read from."""
