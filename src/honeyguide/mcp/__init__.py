"""mcp: what agents may ask of Honeyguide, read-only, over the Model Context Protocol."""
