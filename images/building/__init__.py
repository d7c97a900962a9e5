"""Makes the images: `images/build`."""
