"""Paper: the dispatch lists of a shift as one page of HTML that a browser prints."""
