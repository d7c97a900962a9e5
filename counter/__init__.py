"""The counter agent: call units on the desks, their presses and what they show."""
