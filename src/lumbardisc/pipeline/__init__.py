"""One study: from an input to a `Study`."""
