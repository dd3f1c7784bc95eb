"""The measurements of `broker bench`: each pair is taken in one run on one machine, so that its ratio means much."""
