"""Both sides' client: `http` calls the broker, `parts` seals and opens, `evidence` verifies what the broker says."""
