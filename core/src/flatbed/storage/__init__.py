"""What outlives the process: pages on disk, the index, the keys, the events."""
