"""One module for each kind of page: what lies where, as pure functions of the page and the surface."""
