"""The sample show: film and show file; its clips are generated on the spot."""
