"""What can be told of a page by looking at it: skew, blankness, sheets and photos on the bed."""
