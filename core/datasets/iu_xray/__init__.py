"""IU-Xray (the Indiana University chest X-ray collection of OpenI), in the forms in which people have it."""
