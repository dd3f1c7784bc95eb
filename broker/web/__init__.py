"""The pages: what a worker, a professional and a privacy officer see of the flows, in a browser."""
