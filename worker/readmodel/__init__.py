"""The read model: committed records folded into Redis or Valkey, to be searched and shown (H1-H5, G4)."""
