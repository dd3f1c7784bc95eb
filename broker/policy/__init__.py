"""The gate in front of the policies, and the engines behind it."""
