"""The branch's devices: how they are, what they are told to do, how the hall's displays and the paper tickets look."""
