"""What is to be computed: graphs of values and derivatives, and of batches of them."""
