"""What the pages of planning show, worked out of plans; pure, and it never decides or stores."""
