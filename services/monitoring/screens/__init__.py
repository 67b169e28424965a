"""What is kept up to date while somebody looks: the live parts of pages, and the wall screen."""
