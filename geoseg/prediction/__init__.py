"""From a scene to a map: `pipeline` is the page to read first."""
