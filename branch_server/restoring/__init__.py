"""`foleni-branch restore`: a lost branch server made anew from the events that its cloud has kept."""
