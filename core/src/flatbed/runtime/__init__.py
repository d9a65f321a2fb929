"""How add-ons run: manifest, discovery, the worker process and its parent's end."""
