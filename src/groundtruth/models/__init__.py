"""Networks as plain ``nn.Module``s, one file a family; each file cites the papers its ideas come from."""
