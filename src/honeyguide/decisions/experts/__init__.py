"""The built-in experts. Each knows the port (`decisions.expert`) and none of the others."""
