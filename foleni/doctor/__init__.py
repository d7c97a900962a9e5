"""`foleni doctor`: looks at a box and says in plain words what is wrong and what to do; and the broker's watcher."""
