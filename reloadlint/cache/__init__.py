"""Results of earlier runs: what still holds of them is not worked out again.

- `store.py` decides which results hold, and makes the new state out of the old one;
- `stamps.py` tells whether files and folders are as they were;
- `folder.py` is the folder on disk: its seal, its size, how it is emptied;
- `data.py` turns findings into plain data and back;
- `scope.py` names what a whole cache file depends on: versions, rules, paths.
"""
