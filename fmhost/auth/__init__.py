"""Who somebody is (authentication), and who may do what to which entity (policy)."""
