"""What a caller says: options, arguments and arrays for the results."""
