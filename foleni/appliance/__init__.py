"""The box that an image makes of a PC: what the installer wrote in `foleni.txt`, and what people are told on its screen.

Standard library only: it runs at every start, before anything else of Foleni, on slow machines.
"""
