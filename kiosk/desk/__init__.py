"""Where the wishes of the presenter become tickets: asked, stored, printed and handed in."""
