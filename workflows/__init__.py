"""The workflows of DOFS, the order fulfilment system."""
