"""The verbs of `packline sim`, one file per noun or family of nouns; all of them speak to the control API."""
