"""The built-in rules, one a file; found by the registry, as every rule pack is."""
