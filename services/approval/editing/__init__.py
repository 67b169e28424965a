"""How a reviewer changes a plan under review, and the form in which he does; it must never announce by itself."""
