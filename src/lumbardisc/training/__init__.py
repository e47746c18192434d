"""Training: one visible loop, losses, augmentation, data sets and their readers, patient-level splits."""
