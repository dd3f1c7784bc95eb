"""The measurements behind `broker bench`: each pair taken in one run on one machine, so that the ratio means something."""
