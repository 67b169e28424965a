"""What the pages of approval show, worked out of reviews; pure, and it never decides or stores."""
